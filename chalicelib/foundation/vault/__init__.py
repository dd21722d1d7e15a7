"""Data keys per person and ground, sealed attributes, blind indexes: what makes forgetting final."""

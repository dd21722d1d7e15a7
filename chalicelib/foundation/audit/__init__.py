"""Append-only evidence: ids and codes under a salted reference, each entry with its own digest."""

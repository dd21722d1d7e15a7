"""The edge of rights, by topic."""

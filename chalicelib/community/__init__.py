"""Posts and comments: written by members, checked before anybody sees them, read by everyone."""

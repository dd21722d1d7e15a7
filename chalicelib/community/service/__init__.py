"""Verbs of community: publishing, checking, reading, removing."""

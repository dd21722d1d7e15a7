"""Verbs of customer service, by topic."""

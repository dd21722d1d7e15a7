"""Verbs of accounts, by topic."""

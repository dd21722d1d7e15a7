"""Rows of accounts with every query and condition on them, by topic."""

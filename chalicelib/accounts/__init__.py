"""Accounts: sign-up, log-in, sessions, passwords and the optional profile."""

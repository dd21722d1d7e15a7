"""Wire shapes of accounts and the messages they send, by topic."""

"""Pure decisions of accounts, by topic."""

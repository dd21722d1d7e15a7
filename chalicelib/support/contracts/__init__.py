"""Wire shapes of customer service, by topic."""

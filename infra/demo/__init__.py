"""One person's life, played over HTTP against the deployed stack; each step says what it proves."""

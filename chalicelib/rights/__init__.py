"""Rights of the person: a copy of everything, cancelling the account, and the proof of both."""

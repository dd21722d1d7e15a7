"""The local cloud: ministack in its own virtual environment, what stands in it, and the counterparties beside it."""

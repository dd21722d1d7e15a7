"""Rows over PynamoDB with their declarations, writes that join a transaction, outbox, planner."""

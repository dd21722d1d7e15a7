"""Compiles ``policies/`` into what the product carries: register, policy texts, notices, row index."""

"""Verbs of orders: `place`, `show`, `pay`, `settle`, `close`, `refund`, `deliver`, and the sweep of what is due."""

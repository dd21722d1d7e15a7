"""Goods: what there is, what it costs, how many are left. Nothing in here is about a person."""

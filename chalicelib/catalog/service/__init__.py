"""Verbs of the catalogue: `browse` for readers, `stock` for orders, `load` for whoever runs the shop."""

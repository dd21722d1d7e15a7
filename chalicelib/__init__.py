"""Jule, the backend of 聚乐部落: the foundation and one package per domain."""

"""Verbs of rights: copies, cancelling, erasure, certificates, retention."""

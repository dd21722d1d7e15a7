"""The edge over HTTP: one decorator decodes, authenticates, refuses, renders and describes."""

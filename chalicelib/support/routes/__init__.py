"""The edge of customer service, a module for each first part of a path."""

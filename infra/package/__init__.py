"""The deployment package: what Chalice makes, slimmed, with valid bytecode, the same bytes from the same sources."""

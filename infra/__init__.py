"""Everything around the application: register, packaging, the local cloud. Never part of the package."""

"""The edge over queues and schedules: one decorator decodes, re-checks standing and consent, runs once."""

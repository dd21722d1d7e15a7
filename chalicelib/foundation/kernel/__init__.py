"""The standard library and msgspec only: errors, ids, calls, money, time, configuration, log."""

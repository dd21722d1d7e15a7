"""The edge of accounts, a module for each first part of a path."""

from chalicelib.foundation.web.limits import Limit

PASSWORD_LIMIT = Limit("password", 20, 300, per="person")
PROOF_LIMIT = Limit("proof", 20, 300, per="person")
BY_CODE_LIMIT = Limit("by_code", 60, 300)
"""Of one address, for all together that a code to a number allows without a log-in."""

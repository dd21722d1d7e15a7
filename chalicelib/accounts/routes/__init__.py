"""The edge of accounts, a module for each first part of a path."""

from chalicelib.foundation.web.limits import Limit

PASSWORD_LIMIT = Limit("password", 20, 300, per="person")

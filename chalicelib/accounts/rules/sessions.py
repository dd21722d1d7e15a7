"""How long sessions live."""

from datetime import timedelta
from typing import Final

SESSION_LIFE: Final = timedelta(days=30)
"""A session ends when it was not used for so long: each refresh, and whatever carries it over, begins that anew."""

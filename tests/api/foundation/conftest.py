"""The scratch app, for tests of the edge."""

from tests.support.scratch_api import ask, scratch

__all__ = ["ask", "scratch"]

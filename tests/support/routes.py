"""Every route of the application, for tests that hold for all of them."""

import app
from chalicelib.foundation.web.route import REGISTERED, Route, Who

app.app.load(app.ROUTES.values())
ROUTES: list[Route] = sorted(
    (route for route in REGISTERED.values() if route.function.__module__.startswith("chalicelib.")),
    key=lambda route: (route.path, route.method),
)

OF_STAFF: list[Route] = [route for route in ROUTES if route.who is Who.STAFF]


def named(route: Route) -> str:
    """Name a route as a test's id."""
    return f"{route.method} {route.path}"

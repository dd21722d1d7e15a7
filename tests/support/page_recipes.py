"""What the routes about one's own things and one's page must be sent to do their work."""

from collections.abc import Callable
from typing import Any

from .consents import answer_body
from .edges import Http
from .people import Someone
from .publishing import Town
from .staff_recipes import Asked

ALL = {"posts": True, "comments": True, "member": True, "verified": True}
IF_MATCH = {"If-Match": '"1"'}


def open_page(http: Http, who: Someone, **shows: bool) -> str:
    """Have somebody agree to a page and open it, with all of it shown unless said otherwise; gives its public id."""
    assert http("POST", "/v1/consents", answer_body("account.public_page"), who=who).status == 200
    version = http("GET", "/v1/profile", who=who).headers["ETag"]
    body = shows or ALL
    opened = http("PUT", "/v1/profile/visibility", body, who=who, headers={"If-Match": version})
    assert opened.status == 200, opened.text
    return str(opened.json["public_id"])


class ShowingOneself:
    """The owner with a page of their own; part of a scene."""

    owner: Someone
    http: Http
    town: Town

    def agreed(self) -> Asked:
        """Have the owner agree to a page."""
        assert self.http("POST", "/v1/consents", answer_body("account.public_page"), who=self.owner).status == 200
        return Asked(body=ALL, headers=IF_MATCH)

    def page(self) -> Asked:
        """Have the owner show all that can be shown."""
        return Asked({"public_id": open_page(self.http, self.owner)})


def _written(scene: Any) -> Asked:
    scene.comment()
    return scene.page()


def _mine(scene: Any) -> Asked:
    scene.order()
    scene.comment()
    return Asked()


OF_PAGES: dict[str, Callable[[Any], Asked]] = {
    "GET /v1/me": _mine,
    "GET /v1/activity": _mine,
    "GET /v1/profile": lambda _: Asked(),
    "GET /v1/profile/visibility": lambda _: Asked(),
    "PUT /v1/profile/visibility": ShowingOneself.agreed,
    "DELETE /v1/profile/visibility": lambda _: Asked(headers=IF_MATCH),
    "GET /v1/people/{public_id}": ShowingOneself.page,
    "GET /v1/people/{public_id}/posts": _written,
    "GET /v1/people/{public_id}/comments": _written,
}

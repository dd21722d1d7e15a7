"""Step 5d: one's own things in one place, and a page that shows others what its owner chose."""

from typing import Any

from .life import Life, agree
from .world import check

_PAGE = "account.public_page"
_PATH = "/v1/profile/visibility"


def show_page(life: Life) -> None:
    """5f Profile, orders, activity in one answer; a page after its own consent, of what was chosen, gone once closed.

    Proves: B5.1, B5.2
    """
    person, guest = life.person, life.guest
    mine = person.want(200, "GET /v1/me")
    check(mine["orders"]["data"], "the orders are there")
    written = [one["post_id"] for one in mine["activity"]["data"] if one["kind"] == "post"]
    check(life.ids["post"] in written, "what was written is there")
    check(not mine["visibility"]["open"], "nobody has a page unasked")
    person.refused("consent.required", f"PUT {_PATH}", {"posts": True}, If_Match=_tag(life))
    agree(person, _PAGE, _PAGE)
    first = _choose(life, {"posts": True})
    byline = guest.want(200, f"GET /v1/posts/{life.ids['post']}")["author"]
    check(byline["public_id"] == first["public_id"], "the byline leads to the page")
    page = f"/v1/people/{first['public_id']}"
    seen = guest.want(200, f"GET {page}")
    check((seen["badges"], seen["comments"]) == ([], False), "nothing is shown that was not chosen")
    listed = guest.want(200, f"GET {page}/posts")["data"]
    check([one["post_id"] for one in listed] == [life.ids["post"]], "the posts are listed")
    check(life.ids["person"] not in str((seen, listed)), "nobody learns our own id")
    guest.refused("request.not_found", f"GET {page}/comments")
    _choose(life, {"comments": True, "member": True})
    check(guest.want(200, f"GET {page}")["badges"] == ["full_member"], "a choice holds at once")
    guest.refused("request.not_found", f"GET {page}/posts")
    person.want(200, f"DELETE {_PATH}", If_Match=_tag(life))
    guest.refused("request.not_found", f"GET {page}")
    again = _choose(life, {"posts": True})
    life.plant("page id", again["public_id"])
    check(again["public_id"] != first["public_id"], "a page opens again elsewhere")


def _choose(life: Life, shown: dict[str, bool]) -> Any:  # noqa: ANN401 - whatever JSON says
    return life.person.want(200, f"PUT {_PATH}", shown, If_Match=_tag(life))


def _tag(life: Life) -> str:
    return f'"{life.person.want(200, f"GET {_PATH}")["version"]}"'

"""Step 3g: the account logs its person in at a third party, which reads what was agreed to, and is cut."""

from urllib.parse import urlencode

from ..local.club import BASIC, FORM, Tried, attempt, ticket_in, told_at
from .life import Life
from .world import Reply, check, fetch

_OK, _ELSEWHERE, _ENDED = 200, 303, 401


def link_elsewhere(life: Life) -> None:
    """3g A third party gets what its consent page names, on record, and nothing once it is cut; refusing is as easy.

    Proves: A4.1, B3.1, B3.2, I2.3
    """
    refused = told_at(_pressed(life, attempt(), "refuse").headers["location"])
    check((refused["error"], "code" in refused) == ("access_denied", False), "a refusal gives nothing")
    tokens = _logged_in(life)
    info = _info(life, tokens["access_token"])
    check(info.status == _OK and info.json.keys() == {"sub", "name", "locale"}, "the agreed fields, and nothing else")
    check(life.ids["person"] not in info.body.decode(), "our own id stays with us")
    life.pass_by("id at a service that was cut", info.json["sub"])
    (link,) = life.person.want(200, "GET /v1/links")["data"]
    check(link["state"] == "active" and len(link["fields"]) == 2, "the link is listed with its fields")  # noqa: PLR2004
    life.person.want(204, f"DELETE /v1/links/{link['link_id']}")
    check(_info(life, tokens["access_token"]).status == _ENDED, "cut, its token reads nothing")
    again = _info(life, _logged_in(life)["access_token"]).json["sub"]
    check(again != info.json["sub"], "linked anew, it knows somebody new")
    life.plant("id at a service", again)


def _logged_in(life: Life) -> dict[str, str]:
    tried = attempt()
    code = told_at(_pressed(life, tried, "agree").headers["location"])["code"]
    address, headers = f"{life.world.base_url}/v1/oauth/token", {**FORM, **BASIC}
    got = fetch("POST", address, tried.exchange(code).encode(), headers=headers)
    check(got.status == _OK, f"{got.status} for a code")
    for name in ("access_token", "refresh_token"):
        life.hide(f"{name} of a service {len(life.hidden)}", got.json[name])
    life.hide(f"code of a service {len(life.hidden)}", code)
    return dict(got.json)


def _pressed(life: Life, tried: Tried, answer: str) -> Reply:
    """Open the page in the web view of the app, and press a button."""
    handed = life.person.want(201, "POST /v1/oauth/handovers", {"request": tried.query()})
    page = fetch("GET", handed["page"])
    check(page.status == _OK and "示例模型社" in page.body.decode(), "the page says who asks")
    body = urlencode({"ticket": ticket_in(page.body.decode()), "answer": answer}).encode()
    back = fetch("POST", f"{life.world.base_url}/v1/oauth/authorize", body, headers=FORM)
    check(back.status == _ELSEWHERE, f"{back.status} for {answer}")
    return back


def _info(life: Life, token: str) -> Reply:
    return fetch("GET", f"{life.world.base_url}/v1/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

"""Step 3g: the account logs its person in at two third parties, which read what was agreed to, and one is cut."""

from urllib.parse import urlencode

from ..local.club import BASIC, FORM, Tried, attempt, ticket_in, told_at
from .life import Life
from .publishing import picture
from .world import Reply, check, fetch

_OK, _ELSEWHERE, _ENDED = 200, 303, 401


def link_elsewhere(life: Life) -> None:
    """3j Two services get what each one's page names, on record; one that is cut gets nothing; refusing is as easy.

    Proves: A4.1, B3.1, B3.2, I2.3
    """
    refused = told_at(_pressed(life, attempt().query(), "refuse").headers["location"])
    check((refused["error"], "code" in refused) == ("access_denied", False), "a refusal gives nothing")
    club, gallery = _at_the_club(life), _at_the_gallery(life)
    info, its = _info(life, club["access_token"]), _info(life, gallery["access_token"])
    check(info.status == _OK and info.json.keys() == {"sub", "name", "locale"}, "the agreed fields, and nothing else")
    check(its.json.keys() == {"sub", "nickname", "picture"}, "another service gets other fields")
    check(picture(its.json["picture"])[:2] == b"\xff\xd8", "the avatar is where it says")
    check(info.json["sub"] != its.json["sub"], "no two services know the same id")
    check(life.ids["person"] not in (info.body + its.body).decode(), "our own id stays with us")
    life.pass_by("id at a service that was cut", info.json["sub"])
    life.plant("id at another service", its.json["sub"])
    links = {link["rules"]: link for link in life.person.want(200, "GET /v1/links")["data"]}
    check([link["state"] for link in links.values()] == ["active", "active"], "both links are listed")
    link = links["https://club.example/privacy"]
    check([field["item"] for field in link["fields"]] == ["account.user_name", "account.language"], "with their fields")
    life.person.want(204, f"DELETE /v1/links/{link['link_id']}")
    check(_info(life, club["access_token"]).status == _ENDED, "cut, its token reads nothing")
    check(_info(life, gallery["access_token"]).status == _OK, "the other link stands")
    again = _info(life, _at_the_club(life)["access_token"]).json["sub"]
    check(again != info.json["sub"], "linked anew, it knows somebody new")
    life.plant("id at a service", again)


def _at_the_club(life: Life) -> dict[str, str]:
    tried = attempt()
    return _logged_in(life, tried, tried.query(), basic=True)


def _at_the_gallery(life: Life) -> dict[str, str]:
    """Log in to the app that has no secret."""
    tried = attempt()
    return _logged_in(life, tried, tried.gallery_query(), basic=False)


def _logged_in(life: Life, tried: Tried, query: str, *, basic: bool) -> dict[str, str]:
    code = told_at(_pressed(life, query, "agree").headers["location"])["code"]
    asked = tried.exchange(code) if basic else tried.gallery_exchange(code)
    headers = {**FORM, **BASIC} if basic else FORM
    got = fetch("POST", f"{life.world.base_url}/v1/oauth/token", asked.encode(), headers=headers)
    check(got.status == _OK, f"{got.status} for a code")
    for name in ("access_token", "refresh_token"):
        life.hide(f"{name} of a service {len(life.hidden)}", got.json[name])
    life.hide(f"code of a service {len(life.hidden)}", code)
    return dict(got.json)


def _pressed(life: Life, query: str, answer: str) -> Reply:
    """Open the page in the web view of the app, and press a button."""
    handed = life.person.want(201, "POST /v1/oauth/handovers", {"request": query})
    page = fetch("GET", handed["page"])
    check(page.status == _OK and "想用您的聚乐部落账号登录" in page.body.decode(), "the page says who asks")
    body = urlencode({"ticket": ticket_in(page.body.decode()), "answer": answer}).encode()
    back = fetch("POST", f"{life.world.base_url}/v1/oauth/authorize", body, headers=FORM)
    check(back.status == _ELSEWHERE, f"{back.status} for {answer}")
    return back


def _info(life: Life, token: str) -> Reply:
    return fetch("GET", f"{life.world.base_url}/v1/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})

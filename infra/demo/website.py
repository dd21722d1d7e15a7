"""Step 2c: the same account on the website, its session in cookies."""

import json
from typing import Any

from .life import Life
from .world import Reply, check, fetch

_SESSION, _REFRESH = "__Host-jule_session", "__Secure-jule_refresh"


class _Website:
    """The website in a browser."""

    def __init__(self, life: Life) -> None:
        self._base_url = life.world.base_url
        self._headers = {"X-Client": "web/1.0.0", "X-Device": "Firefox", "X-Session": "cookie"}
        self._headers |= {"Origin": life.world.web_origin, "Content-Type": "application/json"}
        self.jar: dict[str, str] = {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:  # noqa: ANN401 - any JSON
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        sent = {**self._headers, "Cookie": cookies, **headers}
        raw = None if body is None else json.dumps(body).encode()
        reply = fetch(method, self._base_url + path, raw, headers=sent)
        for line in reply.cookies:
            name, _, value = line.partition(";")[0].partition("=")
            check("HttpOnly" in line and "Secure" in line and "SameSite=Strict" in line, "a cookie is guarded")
            self.jar[name] = value
        return reply


def visit_website(life: Life) -> None:
    """2c The website's session lies in two cookies that no script reads; another website gets nowhere with them.

    Proves: A5.1, A5.2
    """
    website = _Website(life)
    begun = website("POST", "/v1/sessions", {"login": life.mobile, "password": life.password})
    check((begun.status, len(begun.cookies)) == (201, 2), f"{begun.status}, {len(begun.cookies)} cookies")
    check(begun.json["access_token"] == begun.json["refresh_token"] == "", "no token is in the body")
    life.pass_by("session id of the website", begun.json["session_id"])
    life.hide("session cookie", website.jar[_SESSION])
    life.hide("refresh cookie", website.jar[_REFRESH])
    check(website("GET", "/v1/accounts/me").json["person_id"] == life.ids["person"], "it is the same account")
    elsewhere = website("POST", "/v1/sessions/logout", Origin="https://elsewhere.example")
    check(elsewhere.json["code"] == "session.cross_site", "another website logs nobody out")
    held = dict(website.jar)
    renewed = website("POST", "/v1/sessions/refresh", {})
    check(renewed.status == 200 and website.jar[_REFRESH] != held[_REFRESH], "a refresh renews the cookies")  # noqa: PLR2004
    life.hide("next refresh cookie", website.jar[_REFRESH])
    ended = website("POST", "/v1/sessions/logout")
    check((ended.status, set(website.jar.values())) == (204, {""}), "log-out takes both cookies away")
    website.jar = held
    check(website("GET", "/v1/accounts/me").json["code"] == "session.invalid", "and ends the session")

"""Steps 1 to 3: the guest, the account, the profile."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

from . import raw, scan
from .life import Life, agree, agreement, now, wait_for_notice
from .world import Client, check, until


def browse_as_guest(life: Life) -> None:
    """1  A guest searches and browses; nothing is stored about the visit.

    Proves: A1.1, A1.2, A1.3, A1.4
    """
    before, words = _rows(life), f"寻{life.mark}"
    life.guest.want(200, f"GET /v1/products?q={quote(words)}")
    found = life.guest.want(200, "GET /v1/products?q=%E9%AB%98%E8%BE%BE&limit=5")
    check(found["data"], "the sample catalogue is searchable")
    product = found["data"][0]["product_id"]
    life.guest.want(200, f"GET /v1/products/{product}")
    life.guest.want(200, "GET /v1/posts")
    life.guest.want(200, f"GET /v1/posts?q={quote(words)}")
    life.guest.refused("session.invalid", "GET /v1/orders")
    left = {row for row in _rows(life) - before if row[0] != raw.table(life.world, "keys")}
    check(not left, f"a guest's visit left rows behind: {left}")
    visit = {"search words": words.encode(), "device": life.guest.device.encode()}
    traces = scan.hits(life.world, visit)
    check(not traces, f"a guest's visit left traces: {traces}")


def sign_up(life: Life) -> None:
    """2a Sign-up with number, code, user name and password: exactly these; the agreement is on record.

    Proves: A3.3, B1.1, B1.2, G1.2
    """
    policy = open_account(life, life.person, mobile=life.mobile, password=life.password, name=f"收藏家{life.mark}")
    open_account(life, life.other, mobile=life.other_mobile, password=life.other_password, name=f"路人{life.mark}")
    me = life.person.want(200, "GET /v1/accounts/me")
    life.ids["person"] = me["person_id"]
    life.plant("person id", me["person_id"])
    life.plant("device", life.person.device)
    life.hide("password", life.password)
    life.plant("user name", f"收藏家{life.mark}")
    life.plant("mobile", life.mobile)
    _keep_out_other(life)
    _check_agreement(life, policy)
    life.person.refused("accounts.code_invalid", "POST /v1/accounts", _sign_up(life, code="000000"))
    wait_for_notice(life.person, "signed_up")


def hold_sessions(life: Life) -> None:
    """2b Log-in, rotation, reuse ends the family, list, log-out; a new password ends the others.

    Proves: A5.1, K4.3
    """
    log_in = {"login": life.mobile, "password": life.password}
    life.tablet.keep(life.tablet.want(201, "POST /v1/sessions", log_in))
    first = life.tablet.refresh
    life.tablet.keep(life.tablet.want(200, "POST /v1/sessions/refresh", {"refresh_token": first}))
    check(life.tablet.refresh != first, "a refresh token works once")
    again = life.tablet.want(200, "POST /v1/sessions/refresh", {"refresh_token": first})
    check(again["refresh_token"] == life.tablet.refresh, "a lost answer is given again to the same device")
    listed = life.person.want(200, "GET /v1/sessions")["data"]
    check(len(listed) == 2, "both sessions are listed")  # noqa: PLR2004 - phone and tablet
    life.pass_by("tablet device", life.tablet.device)
    for number, one in enumerate(one for one in listed if not one["current"]):
        life.pass_by(f"session id of the tablet {number}", one["session_id"])
    life.guest.refused("session.invalid", "POST /v1/sessions/refresh", {"refresh_token": first})
    life.tablet.refused("session.invalid", "GET /v1/accounts/me")
    life.tablet.keep(life.tablet.want(201, "POST /v1/sessions", log_in))
    life.tablet.want(204, "POST /v1/sessions/logout")
    life.tablet.refused("session.invalid", "GET /v1/accounts/me")
    life.tablet.keep(life.tablet.want(201, "POST /v1/sessions", log_in))
    change = {"current_password": life.password, "new_password": f"{life.password}-2"}
    life.person.keep(life.person.want(200, "PUT /v1/accounts/password", change))
    life.password = life.hide("new password", change["new_password"])
    life.tablet.refused("session.invalid", "GET /v1/accounts/me")
    life.person.want(200, "GET /v1/accounts/me")


def fill_in_profile(life: Life) -> None:
    """3a Residence is refused until agreed to, accepted, and gone with the withdrawal; the rest stays.

    Proves: A2.2, B2.1, J6.1
    """
    residence = {"residence": life.plant("residence", f"上海{life.mark}")}
    version = {"If_Match": profile_tag(life.person)}
    life.person.refused("consent.required", "PUT /v1/profile/residence", residence, **version)
    agree(life.person, "account.membership", "account.membership")
    life.person.want(200, "PUT /v1/profile/residence", residence, **version)
    check(life.person.want(200, "GET /v1/profile")["residence"] == residence["residence"], "residence is kept")
    life.person.want(200, "DELETE /v1/consents/account.membership")

    def gone() -> bool:
        return life.person.want(200, "GET /v1/profile")["residence"] is None

    until("residence removed after the withdrawal", gone)
    check(life.person.want(200, "GET /v1/profile")["user_name"], "the rest stays")
    agree(life.person, "account.membership", "account.membership")
    version = {"If_Match": profile_tag(life.person)}
    life.person.want(200, "PUT /v1/profile/residence", residence, **version)


def open_account(life: Life, client: Client, *, mobile: str, password: str, name: str) -> dict[str, Any]:
    """Sign somebody up as a client does; gives what they agreed to."""
    client.want(202, "POST /v1/accounts/codes", {"mobile": mobile, "purpose": "sign_up"})
    body = {
        "mobile": mobile,
        "code": life.world.code_sent_to(f"+86{mobile}"),
        "user_name": name,
        "password": password,
        "policy": (policy := agreement(client)),
    }
    client.keep(client.want(201, "POST /v1/accounts", body))
    return policy


def prove_again(client: Client, password: str) -> None:
    """Prove once more who is there, before a sensitive act."""
    client.keep(client.want(200, "POST /v1/sessions/reauthentication", {"password": password}))


def _sign_up(life: Life, code: str) -> dict[str, object]:
    policy = {**agreement(life.guest), "shown_at": now()}
    name = f"无名{life.mark}"
    return {"mobile": "13700000000", "code": code, "user_name": name, "password": life.password, "policy": policy}


def profile_tag(client: Client) -> str:
    """Read the version of a person's profile, as an edit names it."""
    return client.call("GET", "/v1/profile").headers["etag"]


def _rows(life: Life) -> set[tuple[str, str, str]]:
    """Name every row; the table of keys has, besides people's, the house's own, made when first needed."""
    return {
        (name, item["pk"]["S"], item["sk"]["S"])
        for name in raw.table_names(life.world)
        for item in raw.items(life.world, name)
    }


def _keep_out_other(life: Life) -> None:
    """Note everything of the second person that must not be in the first one's copy."""
    me = life.other.want(200, "GET /v1/accounts/me")
    life.keep_out("other id", me["person_id"])
    life.keep_out("other name", me["user_name"])
    life.keep_out("other mobile", life.other_mobile)
    life.keep_out("other device", life.other.device)
    for number, one in enumerate(life.other.want(200, "GET /v1/sessions")["data"]):
        life.keep_out(f"other session {number}", one["session_id"])


def _check_agreement(life: Life, policy: dict[str, Any]) -> None:
    """Insist that the ledger says which text was shown and agreed to, how, when, and on which device."""
    history = life.person.want(200, "GET /v1/consents/history")["data"]
    answered = [e for e in history if e["step"] == "answered" and e["answer"] == "agree"]
    check(answered, "the ledger holds the agreement")
    shown = [e for e in history if e["entry_id"] == answered[0]["follows"]]
    check([e["step"] for e in shown] == ["shown"], "the answer follows what was shown")
    for entry in (*shown, answered[0]):
        said = (entry["text_sha256"], entry["text_version"], entry["language"], entry["channel"])
        check(said == (policy["sha256"], policy["version"], policy["language"], "wxmp"), f"which text, how: {said}")
        at = datetime.fromisoformat(entry["shown_at"])
        check(at == datetime.fromisoformat(policy["shown_at"]), "when the text was on the screen")
        check(entry["at"] >= entry["shown_at"], "when it was answered")
        check(entry["device"] and entry["device"] != life.person.device, "the device is told apart, not named")

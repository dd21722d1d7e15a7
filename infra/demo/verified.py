"""Steps 3g and 3h: the authority says who somebody is; everybody else learns yes or no."""

import secrets
from typing import Any

from ..local.counterparties.authority import whole_number
from .account import prove_again
from .life import Life, agree, wait_for_notice
from .world import check, until


def be_verified(life: Life) -> None:
    """3g The authority compares name and identity number after separate consent; the answer is yes or no.

    Proves: A4.1, B7.1, B7.2, B7.3
    """
    said = {"name": f"王{made_up_name()}", "number": life.plant("identity number", made_up_number())}
    life.plant("real name", said["name"])
    life.world.control("POST", "/identity/citizens", said)
    prove_again(life.person, life.password)
    life.person.refused("consent.required", "POST /v1/verification/name", said)
    agree(life.person, "account.verification", "account.verification")
    wrong = {**said, "number": said["number"][:17] + ("1" if said["number"][17] != "1" else "2")}
    life.person.refused("request.invalid", "POST /v1/verification/name", wrong)
    life.person.refused("accounts.verification_failed", "POST /v1/verification/name", {**said, "name": "李四"})
    told = life.person.want(200, "POST /v1/verification/name", said)
    check((told["verified"], told["method"]) == (True, "name"), "who is known to the authority is verified")
    wait_for_notice(life.person, "identity_verified")
    me = life.person.want(200, "GET /v1/accounts/me")
    check(me["verified"] is True, "the account says yes")
    check(said["number"] not in str(me), "and says no more than that")


def show_face_and_withdraw(life: Life) -> None:
    """3h Somebody else shows their face on the authority's page; with their consent who they are goes again.

    Proves: B7.1, B7.4, B7.5, J6.1, J6.2
    """
    other, said = life.other, {"name": "李四", "number": life.keep_out("other's identity number", made_up_number())}
    life.world.control("POST", "/identity/citizens", said)
    prove_again(other, life.other_password)
    agree(other, "account.verification", "account.verification")
    begun = other.want(201, "POST /v1/verification/face", said)
    check(other.want(200, "POST /v1/verification/face/result")["state"] == "pending", "nothing is known before")
    life.world.control("POST", "/identity/faces", {"token": begun["url"].rpartition("/")[2]})
    told = other.want(200, "POST /v1/verification/face/result")
    check((told["verified"], told["method"]) == (True, "face"), "the outcome is fetched by its token")
    other.want(200, "DELETE /v1/consents/account.verification")
    check(other.want(200, "GET /v1/accounts/me")["verified"] is False, "without the consent the answer is no")
    left = other.want(200, "GET /v1/verification")
    check("number" not in left or left["number"] is None, "the number is not shown any more")
    check([one["item"] for one in left["kept"]] == ["verification.result"], "it is told what stays, and why")
    until("name and number went with the consent", lambda: _withdrawn(life))


def _withdrawn(life: Life) -> Any:  # noqa: ANN401 - JSON
    return life.other.want(200, "GET /v1/verification").get("withdrawn_at")


def made_up_name() -> str:
    """Make up two characters that hardly anybody has."""
    return "".join(chr(0x4E00 + secrets.randbelow(2000)) for _ in range(2))


def made_up_number() -> str:
    """Make up a number whose check character fits."""
    return whole_number(f"110105{1960 + secrets.randbelow(40)}0101{secrets.randbelow(1000):03d}")

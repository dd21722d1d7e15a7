"""Steps 3e and 3f: the other optional fields, the member tier, and what others see."""

from typing import Any

from .account import profile_tag, prove_again
from .life import Life, agree
from .photo import take
from .publishing import picture, send_photo
from .world import check, until


def show_oneself(life: Life) -> None:
    """3e Gender and birthday are the person's own, nickname and avatar public; the tier follows; a picture goes.

    Proves: A2.2, B2.2, B2.3, B2.4
    """
    nickname = {"nickname": life.plant("nickname", f"模友{life.mark}")}
    _edit(life, "gender", {"gender": "other"})
    _edit(life, "birth-date", {"birth_date": "1990-02-28"})
    life.person.refused("consent.required", "PUT /v1/profile/nickname", nickname, If_Match=profile_tag(life.person))
    agree(life.person, "account.public_profile", "account.public_profile")
    _edit(life, "nickname", nickname)
    again = {"nickname": f"别名{life.mark}"}
    life.person.refused("accounts.nickname_too_soon", "PUT /v1/profile/nickname", again, If_Match=_tag(life))
    shown = _edit(life, "avatar", {"media_id": send_photo(life.person, take(f"SN{life.mark}01"))})
    check((shown["tier"], shown["missing"]) == ("full", []), "every field opens the full tier")
    first = shown["avatar"]["large"]
    check(picture(first)[:2] == b"\xff\xd8", "the avatar is public")
    shown = life.person.want(200, "DELETE /v1/profile/avatar", If_Match=_tag(life))
    check((shown["tier"], shown["missing"]) == ("member", ["avatar"]), "the tier follows what is removed")
    until("the picture is gone", lambda: picture(first)[:2] != b"\xff\xd8")
    _edit(life, "avatar", {"media_id": send_photo(life.person, take(f"SN{life.mark}02"))})


def leave_email(life: Life) -> None:
    """3f An e-mail address is agreed to, kept after fresh proof and a code mailed to it under TLS, and shown masked.

    Proves: B2.6
    """
    address = {"email": life.plant("e-mail", f"collector.{life.mark}@example.com")}
    life.person.refused("consent.required", "POST /v1/profile/email/codes", address)
    agree(life.person, "account.email", "account.email")
    life.person.want(202, "POST /v1/profile/email/codes", address)
    code = life.world.control("GET", f"/mail?to={address['email']}")["code"]
    prove_again(life.person, life.password)
    shown = _edit(life, "email", {**address, "code": code})
    check(shown["email"] == "c***@example.com", "the address is masked")


def _edit(life: Life, field: str, body: dict[str, str]) -> Any:  # noqa: ANN401 - whatever JSON says
    return life.person.want(200, f"PUT /v1/profile/{field}", body, If_Match=_tag(life))


def _tag(life: Life) -> str:
    return profile_tag(life.person)

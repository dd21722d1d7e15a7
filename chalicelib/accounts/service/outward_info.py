"""What a third party reads with a token: the agreed fields as they are now, each time on record before it is given."""

from collections.abc import Callable, Iterable
from typing import Final

from chalicelib.foundation.audit.disclosures import disclosed
from chalicelib.foundation.gateways.disclosure import disclose
from chalicelib.foundation.kernel.call import Call, Person
from chalicelib.foundation.kernel.errors import Busy, ConsentRequired
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import Client
from chalicelib.foundation.standing import minors
from chalicelib.foundation.standing.access import agreed

from ..contracts.outward import UserInfo
from ..errors.outward import OutwardTokenInvalid
from ..rules.outward import CLAIMS, PURPOSE, SUBJECT, digest_of, still_agreed
from ..tables.outward import ACCESS, granted, token_of
from ..tables.profile import ProfileRow
from .grounds import kept_for
from .outward_asking import known
from .outward_tokens import Held, commit_held, held_by


def user_info(call: Call, token: str) -> UserInfo:
    """Give a service the agreed fields, as they are now.

    A field that is empty, or whose own purpose was withdrawn or limited, is left out from that moment.

    Keeps: B3.1, B3.2, I2.1, I2.3, J6.1

    Raises:
        Busy: something that it stands on was withdrawn at this very moment.
        OutwardTokenInvalid: not, or no longer, good.
    """
    try:
        return _read(call, token)
    except ConsentRequired:  # withdrawn this very moment, and maybe only what one of the fields stands on
        raise Busy(retry_after_s=1) from None


def _read(call: Call, token: str) -> UserInfo:
    row = token_of(digest_of(token))
    client = None if row is None else known(row.client_id)
    if row is None or client is None or row.use != ACCESS or row.expires_at <= call.now:
        raise OutwardTokenInvalid
    held = held_by(call, row)
    if held is None or held.found.profile is None:
        raise OutwardTokenInvalid
    fields = still_agreed(row.fields, held.link.fields.split(" "), client)
    given = _filled_in(held.found.profile, [one for one in fields if _is_open(held.call.who, one, call)])
    _put_on_record(held, client, given)
    return UserInfo(sub=held.link.subject, **{CLAIMS[field]: value for field, value in given.items()})


def _put_on_record(held: Held, client: Client, given: Iterable[str]) -> None:
    """Write down what is given, only while link, consent and what each field stands on are still there."""
    items = tuple(given)
    under = disclose(client.recipient, (SUBJECT, *items), purpose=PURPOSE, at=held.call.now)
    grounds = sorted({name for field in items for name in _grounds(field)})
    writes = [
        granted(held.link.person_id, client.id, str(held.link.grant_id), otherwise=OutwardTokenInvalid),
        agreed(held.call.who, PURPOSE, *grounds),
        disclosed(held.call, under, subject_id=held.link.link_id),
    ]
    commit_held(held.call, writes)


def _is_open(who: Person, field: str, call: Call) -> bool:
    """Say whether a field's own purpose is agreed to, and nobody closed it."""
    return all(name in who.consents and minors.allow(who, name, call.now) for name in _grounds(field))


def _grounds(field: str) -> tuple[str, ...]:
    """Name the purpose of its own that a field stands on; none where that is basic."""
    own = kept_for(field)
    return () if any(lookup.purpose(name).essential for name in own) else own


def _filled_in(profile: ProfileRow, fields: Iterable[str]) -> dict[str, str]:
    """Read the values of fields, in the order of their service; an empty one is not there."""
    found = {field: _VALUES[field](profile) for field in fields}
    return {field: value for field, value in found.items() if value}


def _picture(profile: ProfileRow) -> str:
    """Give the address of the avatar, which everyone may open."""
    if (worn := profile.worn()) is None:
        return ""
    from chalicelib.media import service as media

    return media.show_picture(worn.picture).large


_VALUES: Final[dict[str, Callable[[ProfileRow], str]]] = {
    "account.user_name": lambda profile: profile.user_name.reveal(),
    "account.language": lambda profile: profile.language,
    "profile.nickname": lambda profile: "" if profile.nickname is None else profile.nickname.reveal(),
    "profile.avatar": _picture,
}

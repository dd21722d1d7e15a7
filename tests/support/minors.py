"""Minors and guardians for tests: people whose age is known, verified adults, and what passes between them."""

import secrets
from datetime import date, datetime, timedelta, timezone
from typing import Any

from chalicelib.accounts.rules.ages import minor_born
from chalicelib.accounts.tables.verification import VerificationRow, own_verification
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Minor
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing import birthdays
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.write import commit, put

from .accounts import new_mobile, new_name
from .edges import Http, Reply
from .lives import make_account
from .people import Someone

CHINA = timezone(timedelta(hours=8))


def born(years: int, *, days: int = 100) -> date:
    """Give a date of birth of somebody who turned so old some days ago."""
    today = clock.now().astimezone(CHINA).date()
    day = today - timedelta(days=days)
    return day.replace(year=day.year - years, day=min(day.day, 28))


def know_age(
    who: Someone, years: int, *, guarded: str = "", told_by: str = "declared", day: date | None = None
) -> None:
    """Have it known that somebody is so old."""
    minor = minor_born(day or born(years), told_by)
    person = who.person()
    at = minor.child_until if clock.now() < minor.child_until else minor.minor_until
    commit(birthdays.keep_age(person, minor, at=at))
    if guarded:
        commit([birthdays.keep_guarded(who.person(), guarded)])


def identify(who: Someone, *, method: str = "phone", index: str = "") -> Someone:
    """Have somebody's identity verified, by their phone unless said otherwise."""
    agreed, person = StandingRow.consents.add({"account.verification"}), who.person()
    _, pk, sk = own_verification(who.person_id)
    row = VerificationRow(
        pk=pk,
        sk=sk,
        person_id=pk,
        epoch=person.epoch,
        version=1,
        identity_index=index or secrets.token_hex(16),
        method=method,
        verified_at=clock.now(),
        reference=secrets.token_hex(8),
    )
    commit([birthdays.revise(person, [StandingRow.identified.set(True), agreed]), put(row)])
    return who


def make_minor(years: int, *, guarded: str = "", identified: bool = False, day: date | None = None) -> Someone:
    """Write a person of whom it is known that they are so old."""
    who = make_account(f"+86{new_mobile()}", new_name())
    know_age(who, years, guarded=guarded, day=day)
    return identify(who) if identified else who


def make_guardian() -> Someone:
    """Write a verified adult."""
    return identify(make_account(f"+86{new_mobile()}", new_name()))


def minor_of(who: Someone) -> Minor | None:
    """Read what is known of somebody's age now."""
    return who.person().minor


def rules_shown(stage: str, **changes: Any) -> dict[str, Any]:
    """Write down that the rules for an age were on the screen."""
    notice = lookup.notice(f"minor.{stage}")
    shown = {
        "feature": notice.id,
        "version": notice.version,
        "sha256": notice.sha256["zh-CN"],
        "language": "zh-CN",
        "shown_at": clock.rfc3339(clock.now()),
    }
    return {**shown, **changes}


def invite(http: Http, minor: Someone) -> dict[str, Any]:
    """Have a minor make an invitation."""
    made = http("POST", "/v1/guardianships/invitations", who=minor)
    assert made.status == 201, made.text
    return dict(made.json)


def respond(http: Http, guardian: Someone, invited: dict[str, Any], answer: str = "agree") -> Reply:
    """Answer an invitation."""
    body = {"invitation": invited["invitation"], "answer": answer}
    body["notice"] = rules_shown(invited["feature"].removeprefix("minor."))
    return http("POST", "/v1/guardianships", body, who=guardian)


def agreed(http: Http, guardian: Someone, minor: Someone) -> dict[str, Any]:
    """Have a guardian agree for a minor."""
    answer = respond(http, guardian, invite(http, minor))
    assert answer.status == 200, answer.text
    return dict(answer.json)


def some_token() -> str:
    """Make up an invitation."""
    return secrets.token_urlsafe(32)


def midnight(day: date) -> datetime:
    """Give the beginning of a day in China."""
    return datetime(day.year, day.month, day.day, tzinfo=CHINA)

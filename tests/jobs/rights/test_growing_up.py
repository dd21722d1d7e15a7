"""Birthdays by a moved clock, and guardians who disagree until somebody has a case of it."""

from datetime import date, datetime, timedelta

import pytest

from chalicelib.accounts.service import guardians
from chalicelib.accounts.tables.guardians import guardians_of, wards_of
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.standing.birthdays import BirthdayRow
from chalicelib.foundation.standing.minors import stage_of
from chalicelib.foundation.store.row import get
from chalicelib.rights.jobs import sweep_retention
from tests.support.clocks import Hands
from tests.support.cloud import TestCloud
from tests.support.edges import Http
from tests.support.minors import agreed, born, invite, know_age, make_guardian, make_minor, midnight, respond
from tests.support.people import Someone
from tests.support.schedules import tick

MINUTE = timedelta(minutes=1)


def told(cloud: TestCloud, who: Someone) -> list[str]:
    rows = [item for item in cloud.items("outbox") if item.get("person_id", {}).get("S") == who.person_id]
    return [name for name in ("turned_14", "turned_18") for row in rows if f'"{name}"' in row["body"]["S"]]


def age_at(who: Someone) -> str | None:
    return stage_of(who.person().minor, clock.now())


@pytest.mark.promise("M1.2", "M2.4")
@pytest.mark.parametrize(
    ("day", "at"),
    [
        (date(2013, 2, 28), midnight(date(2027, 2, 28))),
        (date(2012, 2, 29), midnight(date(2030, 3, 1))),
        (date(2016, 2, 29), midnight(date(2030, 3, 1))),
        (date(2013, 6, 1), midnight(date(2027, 6, 1))),
    ],
)
def test_powers_lapse_with_midnight_in_china_and_the_person_is_asked(
    http: Http, hands: Hands, cloud: TestCloud, day: date, at: datetime
):
    child, guardian = make_minor(10, day=day), make_guardian()
    agreed(http, guardian, child)
    before = age_at(child)
    hands.to(at - MINUTE)
    assert age_at(child) == before or before != "teen"
    call = guardian.call(clock.now(), purpose="minor.protection")
    if stage_of(child.person().minor, clock.now()) == before:
        assert guardians.ward_of(call, child.person_id)[0].person_id == child.person_id
    hands.to(at + MINUTE)
    after = age_at(child)
    assert after == ("teen" if at.year - day.year < 18 else None)
    with pytest.raises(NotFound):
        guardians.ward_of(guardian.call(clock.now(), purpose="minor.protection"), child.person_id)
    tick(sweep_retention)
    tick(sweep_retention)
    assert told(cloud, child) == (["turned_14"] if after else ["turned_18"])
    minor = child.person().minor
    assert (minor is None) == (after is None)
    assert minor is None or minor.guarded == ""
    assert (guardians_of(child.person_id), wards_of(guardian.ref)) == ([], [])


@pytest.mark.promise("M1.2")
def test_both_birthdays_come_and_then_nothing_is_kept_of_the_age(http: Http, hands: Hands, cloud: TestCloud):
    child = make_minor(13)
    first = child.person().minor
    assert first is not None
    hands.to(first.child_until + MINUTE)
    tick(sweep_retention)
    row = get(BirthdayRow, child.person_id, "BIRTHDAY")
    assert row is not None
    assert row.due_at == first.minor_until
    agreed_at_15 = make_guardian()
    hands.to(first.minor_until + MINUTE)
    tick(sweep_retention)
    assert told(cloud, child) == ["turned_14", "turned_18"]
    assert get(BirthdayRow, child.person_id, "BIRTHDAY") is None
    standing = child.standing()
    assert (standing.child_until, standing.minor_until, standing.age_from, standing.guarded) == (None, None, None, None)
    assert wards_of(agreed_at_15.ref) == []


@pytest.mark.promise("M2.4")
def test_what_a_guardian_agreed_to_for_14_and_more_outlives_a_late_sweep(http: Http, hands: Hands):
    child, guardian = make_minor(15), make_guardian()
    agreed(http, guardian, child)
    know_age(child, 15, guarded="teen", day=born(15, days=30))
    tick(sweep_retention)
    minor = child.person().minor
    assert minor is not None
    assert minor.guarded == "teen"


def test_an_age_that_was_put_right_meanwhile_meets_no_birthday(hands: Hands, cloud: TestCloud):
    child = make_minor(13)
    minor = child.person().minor
    assert minor is not None
    know_age(child, 5)
    hands.to(minor.child_until + MINUTE)
    tick(sweep_retention)
    assert (told(cloud, child), age_at(child)) == ([], "child")


@pytest.mark.promise("M2.2")
def test_a_disagreement_becomes_one_case_on_the_desk(http: Http, cloud: TestCloud):
    child, one, other = make_minor(9), make_guardian(), make_guardian()
    agreed(http, one, child)
    respond(http, other, invite(http, child), "refuse")
    tick(sweep_retention)
    tick(sweep_retention)
    cases = [item for item in cloud.items("cases") if item["kind"]["S"] == "case"]
    assert [(item["person_id"]["S"], item["topic"]["S"]) for item in cases] == [(child.person_id, "privacy")]
    assert [item for item in cloud.items("people") if item["kind"]["S"] == "guardian_dispute"] == []

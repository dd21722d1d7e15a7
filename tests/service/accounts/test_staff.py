"""Coming in as staff: what counts, what waits, what works once; and what time ends."""

import threading
from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from chalicelib.accounts.contracts.staff import ChangeRoles, LogInStaff
from chalicelib.accounts.errors import StaffLoginFailed
from chalicelib.accounts.rules.staff import STAFF_TRIES
from chalicelib.accounts.service import staff_entrance, staff_members
from chalicelib.accounts.tables.staff import login_key
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.call import Call, Role
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing.access import commit
from chalicelib.foundation.standing.staff import RoleMissing, StaffSessionRow, member
from chalicelib.foundation.store.row import get
from chalicelib.foundation.store.write import put_new
from chalicelib.foundation.vault import keyring
from chalicelib.foundation.vault.keyring import KeyDestroyed
from chalicelib.foundation.web.route import Route, Who
from chalicelib.foundation.web.staff import admit
from chalicelib.rights.jobs import sweep_retention
from tests.support.calls import AwsCall
from tests.support.clocks import Hands, began
from tests.support.cloud import TestCloud
from tests.support.schedules import tick
from tests.support.staff import PASSWORD, Official, make_staff

ROUTE = Route(
    method="GET", path="/x", function=print, who=Who.STAFF, purpose="staff.access", returns=None, roles=(Role.AUDITOR,)
)


def guest(now: datetime) -> Call:
    return Call(request_id=new_id("rid"), now=now, purpose="staff.access")


def enter(who: Official, now: datetime, *, password: str = PASSWORD, code: str = "") -> str:
    command = LogInStaff(user_name=who.user_name, password=password, code=code or who.code(now))
    return staff_entrance.log_in_staff(guest(now), command).access_token


def refused(who: Official, now: datetime, **given: str) -> bool:
    try:
        enter(who, now, **given)
    except StaffLoginFailed:
        return True
    return False


@pytest.mark.promise("K4.3")
def test_a_code_works_once_and_drifts_by_one_step():
    who, now = make_staff(Role.AUDITOR), began()
    for drift in (-90, 90):
        assert refused(who, now, code=who.code(now + timedelta(seconds=drift)))
    early = who.code(now - timedelta(seconds=30))
    assert enter(who, now, code=early)
    assert refused(who, now, code=early)
    assert enter(who, now, code=who.code(now))
    assert refused(who, now, code=early), "an earlier one than the last used is used up too"
    assert enter(who, now, code=who.code(now + timedelta(seconds=30)))
    assert refused(who, now, code=who.code(now + timedelta(seconds=30)))


@pytest.mark.promise("K4.3")
def test_one_code_in_many_hands_opens_one_session(cloud: TestCloud):
    who, now, made = make_staff(Role.AUDITOR), began(), []
    gate = threading.Barrier(4)

    def race() -> None:
        gate.wait()
        try:
            made.append(enter(who, now))
        except Exception as failure:  # noqa: BLE001 - whatever the losers are told
            made.append(type(failure).__name__)

    threads = [threading.Thread(target=race) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len([one for one in made if one.startswith("stf_")]) == 1, made
    sessions = [item for item in cloud.items("ephemeral") if item["kind"]["S"] == "staff_session"]
    assert len(sessions) == 2, "the one that was there, and the winner's"


@pytest.mark.promise("K4.3")
def test_after_failures_even_the_right_words_wait(capsys: pytest.CaptureFixture[str]):
    who, now = make_staff(Role.AUDITOR), began()
    for _ in range(STAFF_TRIES):
        assert refused(who, now, password="not the password")
    later = now + timedelta(minutes=14)
    assert refused(who, later)
    assert enter(who, now + timedelta(minutes=15))
    out = capsys.readouterr().out
    assert out.count('"event":"staff_refused"') == STAFF_TRIES + 1
    assert who.user_name not in out


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("given", [{"password": "wrong password here"}, {"code": "000000"}])
def test_one_factor_is_none(given: dict[str, str]):
    who = make_staff(Role.AUDITOR)
    if given.get("code") in {who.code(began() + timedelta(seconds=s)) for s in (-30, 0, 30)}:
        given = {"code": "000001"}
    assert refused(who, began(), **given)


@pytest.mark.promise("K4.3")
def test_nobody_by_that_name_is_refused_alike_after_the_same_calls(aws_calls: list[AwsCall]):
    who = make_staff(Role.AUDITOR)
    asked = []
    for given in (who, who._replace(user_name="nobodyofours")):
        keyring.forget()
        aws_calls.clear()
        assert refused(given, began(), password="a wrong password")
        asked.append([call.operation for call in aws_calls])
    assert asked[0] == asked[1] != []


@pytest.mark.promise("K4.6")
def test_a_change_that_comes_between_look_and_write_stops_the_write():
    who, boss = make_staff(Role.AUDITOR), make_staff(Role.ADMINISTRATOR)
    call = who.call()
    staff_members.end_member_sessions(boss.call(), who.staff_id)
    row = StaffSessionRow(
        pk="x", sk="x", person_id="x", epoch=1, session_epoch=1, token_digest="x",
        begun_at=call.now, used_at=call.now, expires_at=call.now,
    )  # fmt: skip
    with pytest.raises(Unauthenticated):
        commit(call, [put_new(row)])
    assert get(StaffSessionRow, "x", "x") is None


@pytest.mark.promise("K1.2")
def test_who_left_stays_nameable_for_three_years_and_then_goes_with_key_and_way_in(cloud: TestCloud, hands: Hands):
    who, boss = make_staff(Role.AUDITOR), make_staff(Role.ADMINISTRATOR)
    left_at = clock.now()
    staff_members.leave_member(boss.call(), who.staff_id)
    name = member(who.staff_id).name
    for kind in ("password", "totp"):
        assert getattr(get(*login_key(staff_entrance.login_index(who.user_name))), kind) is None
    hands.to(left_at.replace(year=left_at.year + 3) - timedelta(minutes=1))
    tick(sweep_retention)
    assert member(who.staff_id) is not None
    hands.by(minutes=3)
    tick(sweep_retention)
    assert member(who.staff_id) is None
    assert member(boss.staff_id) is not None
    assert get(*login_key(staff_entrance.login_index(who.user_name))) is None
    keyring.forget()
    with pytest.raises(KeyDestroyed):
        name.reveal()


class Door(RuleBasedStateMachine):
    """What somebody at the door may do, against a simple model of it."""

    @initialize()
    def arrive(self) -> None:
        self.who, self.now = make_staff(Role.AUDITOR, now=began()), began()
        self.wrong, self.rounds, self.tried_at, self.last_step = 0, 0, self.now, 0
        self.tokens: list[tuple[str, datetime, datetime]] = []
        self.boss, self.is_auditor = make_staff(Role.ADMINISTRATOR, now=began()), True

    def _counted(self) -> bool:
        """Say whether a try is let through to be compared, and count it."""
        if self.wrong < STAFF_TRIES:
            self.wrong, self.tried_at = self.wrong + 1, self.now
            return True
        if self.now < self.tried_at + timedelta(minutes=(15, 60, 240)[min(self.rounds, 2)]):
            return False
        self.wrong, self.rounds, self.tried_at = 1, self.rounds + 1, self.now
        return True

    @rule()
    def right(self) -> None:
        compared, step = self._counted(), int(self.now.timestamp()) // 30
        good = compared and step > self.last_step
        assert refused(self.who, self.now) is not good
        if good:
            self.wrong = self.rounds = 0
            self.last_step = step

    @rule()
    def wrong_password(self) -> None:
        self._counted()
        assert refused(self.who, self.now, password="no password of theirs")

    @rule(minutes=st.sampled_from((1, 5, 14, 15, 61, 241, 500)))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule()
    def come_in(self) -> None:
        compared, step = self._counted(), int(self.now.timestamp()) // 30
        if compared and step > self.last_step:
            self.tokens.append((enter(self.who, self.now), self.now, self.now))
            self.wrong = self.rounds = 0
            self.last_step = step
        else:
            assert refused(self.who, self.now)

    @rule()
    def change_role(self) -> None:
        self.is_auditor = not self.is_auditor
        role = Role.AUDITOR if self.is_auditor else Role.MERCHANT
        staff_members.change_roles(self.boss.call(self.now), self.who.staff_id, ChangeRoles(roles=[role]))

    @precondition(lambda self: self.tokens)
    @rule()
    def act(self) -> None:
        token, begun, used = self.tokens.pop()
        alive = self.now - used < timedelta(minutes=15) and self.now < begun + timedelta(hours=8)
        try:
            admit(f"Bearer {token}", ROUTE, self.now)
        except Unauthenticated:
            assert not alive
        except RoleMissing:
            assert alive
            assert not self.is_auditor
            self.tokens.append((token, begun, self.now))
        else:
            assert alive
            assert self.is_auditor
            self.tokens.append((token, begun, self.now))


@pytest.mark.promise("K4.3")
def test_whoever_stands_at_the_door_gets_in_by_the_rules_alone():
    run_state_machine_as_test(Door, settings=settings(max_examples=12, stateful_step_count=14, deadline=None))

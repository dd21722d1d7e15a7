"""Every choice takes effect at once, leaves its evidence, and never half."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from chalicelib.consent import service
from chalicelib.consent.errors import Essential, NoticeUnsuited, PurposeUnknown
from chalicelib.consent.tables import ConsentRow
from chalicelib.foundation.audit.evidence import AuditRow
from chalicelib.foundation.kernel.errors import ConsentRequired, NotFound, Unauthenticated
from chalicelib.foundation.register import lookup
from chalicelib.foundation.standing.rows import CLOSING, StandingRow
from chalicelib.foundation.store.write import commit, update
from chalicelib.foundation.web.identify import refuse_without_consent
from tests.support.cloud import TestCloud
from tests.support.consents import answer
from tests.support.people import Someone, make_person
from tests.support.rows import every

MEMBERSHIP, PLACE = "account.membership", "community.place"
CALLERS = 6


def steps(who: Someone) -> list[tuple[str, str, str | None]]:
    rows = every(ConsentRow, who.ref, ConsentRow.sk.startswith("CONSENT#"))
    return sorted((row.about, row.step, row.answer) for row in rows)


def audited(who: Someone) -> list[tuple[str, str | None]]:
    rows = every(AuditRow, who.ref, AuditRow.sk.startswith("AUDIT#"))
    return sorted((row.action, row.subject_id) for row in rows)


def announced(cloud: TestCloud) -> list[dict]:
    return [msgspec.json.decode(message["Body"]) for message in cloud.messages("withdrawals")]


def consents(who: Someone) -> set[str]:
    return set(who.standing().consents or ())


@pytest.mark.promise("A2.2", "A4.1", "H3")
def test_a_purpose_is_refused_until_agreed_and_then_that_one_alone():
    who = make_person()
    for purpose in (MEMBERSHIP, PLACE):
        with pytest.raises(ConsentRequired):
            refuse_without_consent(who.person(), purpose)
    view = service.answer_notice(who.call(), answer(MEMBERSHIP))
    assert (view.state, view.separate) == ("agreed", False)
    refuse_without_consent(who.person(), MEMBERSHIP)
    with pytest.raises(ConsentRequired):
        refuse_without_consent(who.person(), PLACE)
    assert service.answer_notice(who.call(), answer(PLACE)).separate
    assert consents(who) == {MEMBERSHIP, PLACE}


@pytest.mark.promise("A3.3", "J11.1")
def test_an_answer_is_on_record_with_what_was_shown_and_audited():
    who = make_person()
    given = answer(MEMBERSHIP, language="en")
    service.answer_notice(who.call(channel="wxmp", device="d-1"), given)
    assert steps(who) == [(MEMBERSHIP, "answered", "agree"), (MEMBERSHIP, "shown", None)]
    for row in every(ConsentRow, who.ref, ConsentRow.sk.startswith("CONSENT#")):
        assert (row.text_id, row.text_version, row.text_sha256) == (MEMBERSHIP, "1", given.notice.sha256)
        assert (row.language, row.channel) == ("en", "wxmp")
    assert audited(who) == [("person:consent:agreed", MEMBERSHIP)]


@pytest.mark.promise("A2.3", "J11.1")
def test_a_refusal_is_kept_and_breaks_nothing():
    who = make_person(consents={PLACE})
    view = service.answer_notice(who.call(), answer(MEMBERSHIP, "refuse"))
    assert view.state == "refused"
    assert consents(who) == {PLACE}
    assert (MEMBERSHIP, "answered", "refuse") in steps(who)
    assert audited(who) == [("person:consent:refused", MEMBERSHIP)]


@pytest.mark.promise("J6.1", "J6.2", "J11.1")
def test_withdrawing_takes_effect_at_once_and_is_announced_once(cloud: TestCloud):
    who = make_person()
    service.answer_notice(who.call(), answer(MEMBERSHIP))
    before = steps(who)
    view = service.withdraw_consent(who.call(), MEMBERSHIP)
    assert view.state == "withdrawn"
    assert consents(who) == set()
    with pytest.raises(ConsentRequired):
        refuse_without_consent(who.person(), MEMBERSHIP)
    assert steps(who) == sorted([*before, (MEMBERSHIP, "withdrawn", None)])
    again = service.withdraw_consent(who.call(), MEMBERSHIP)
    assert (again.state, again.since) == (view.state, again.since)
    assert steps(who).count((MEMBERSHIP, "withdrawn", None)) == 1
    sent = announced(cloud)
    assert [(m["kind"], m["body"]) for m in sent] == [("ConsentWithdrawn", {"purpose": MEMBERSHIP})]


@pytest.mark.promise("J6.1")
def test_whoever_acts_for_a_purpose_hears_of_its_withdrawal(cloud: TestCloud):
    who = make_person(consents={MEMBERSHIP, PLACE})
    service.withdraw_consent(who.call(), PLACE)
    heard = [msgspec.json.decode(message["Body"])["body"] for message in cloud.messages("community")]
    assert heard == [{"purpose": PLACE}]
    assert announced(cloud) == []


@pytest.mark.promise("J6.1")
def test_refusing_what_was_agreed_to_withdraws_it(cloud: TestCloud):
    who = make_person(consents={MEMBERSHIP, PLACE})
    assert service.answer_notice(who.call(), answer(MEMBERSHIP, "refuse")).state == "refused"
    assert consents(who) == {PLACE}
    assert (MEMBERSHIP, "withdrawn", None) in steps(who)
    assert [m["body"] for m in announced(cloud)] == [{"purpose": MEMBERSHIP}]


def test_withdrawing_what_was_never_agreed_to_changes_nothing(cloud: TestCloud):
    who = make_person()
    assert service.withdraw_consent(who.call(), MEMBERSHIP).state == "off"
    assert (steps(who), audited(who), announced(cloud)) == ([], [], [])


@pytest.mark.promise("A1.5", "A2.2")
def test_one_may_agree_refuse_withdraw_and_agree_again():
    who, now = make_person(), datetime.now(UTC)
    for number, (verb, state) in enumerate(
        [("refuse", "refused"), ("agree", "agreed"), ("withdraw", "withdrawn"), ("agree", "agreed")]
    ):
        at = now + timedelta(seconds=number)
        if verb == "withdraw":
            view = service.withdraw_consent(who.call(at), MEMBERSHIP)
        else:
            view = service.answer_notice(who.call(at), answer(MEMBERSHIP, verb, at=at))
        assert view.state == state
        assert (MEMBERSHIP in consents(who)) == (state == "agreed")
    assert len(steps(who)) == 7


def test_the_same_answer_sent_again_changes_nothing():
    who, given = make_person(), answer(MEMBERSHIP)
    first = service.answer_notice(who.call(), given)
    before = (steps(who), audited(who))
    second = service.answer_notice(who.call(datetime.now(UTC) + timedelta(minutes=1)), given)
    assert (second.state, second.notice) == (first.state, first.notice)
    assert (steps(who), audited(who)) == before


def race(verb) -> list[object]:
    with ThreadPoolExecutor(CALLERS) as pool:
        return [f.result() for f in [pool.submit(verb) for _ in range(CALLERS)]]


@pytest.mark.promise("J6.1")
def test_many_withdrawals_at_once_are_one(cloud: TestCloud):
    who = make_person(consents={MEMBERSHIP})
    call = who.call()
    views = race(lambda: service.withdraw_consent(call, MEMBERSHIP))
    assert {view.state for view in views} == {"withdrawn"}
    assert steps(who) == [(MEMBERSHIP, "withdrawn", None)]
    assert len(announced(cloud)) == 1


@pytest.mark.promise("A3.3")
@pytest.mark.parametrize(
    ("agreed_before", "said"), [(False, "agree"), (True, "agree"), (False, "refuse"), (True, "refuse")]
)
def test_one_answer_sent_many_times_at_once_is_one(agreed_before, said):
    who, given = make_person(consents={MEMBERSHIP} if agreed_before else ()), answer(MEMBERSHIP, said)
    call = who.call()
    views = race(lambda: service.answer_notice(call, given))
    state = {"agree": "agreed", "refuse": "refused"}[said]
    assert {view.state for view in views} == {state}
    assert [step for _, step, _ in steps(who) if step != "withdrawn"] == ["answered", "shown"]
    assert audited(who) == [(f"person:consent:{state}", MEMBERSHIP)]


def test_answers_about_two_purposes_at_once_both_stand():
    who = make_person()
    call = who.call()
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda purpose: service.answer_notice(call, answer(purpose)), (MEMBERSHIP, PLACE)))
    assert consents(who) == {MEMBERSHIP, PLACE}


@pytest.mark.parametrize("change", ["epoch", "status"])
def test_whoever_is_being_erased_meanwhile_can_not_come_back_by_a_consent(change):
    who = make_person()
    call = who.call()
    action = StandingRow.epoch.set(2) if change == "epoch" else StandingRow.status.set(CLOSING)
    commit([update((StandingRow, who.person_id, "STANDING"), [action])])
    with pytest.raises(Unauthenticated):
        service.answer_notice(call, answer(MEMBERSHIP))
    assert (consents(who), steps(who), audited(who)) == (set(), [], [])


@pytest.mark.promise("J6.3")
@pytest.mark.parametrize("purpose", [p.id for p in lookup.purposes() if p.essential])
def test_basic_purposes_are_neither_agreed_to_nor_withdrawn(purpose):
    who = make_person()
    with pytest.raises(Essential):
        service.withdraw_consent(who.call(), purpose)
    with pytest.raises(Essential):
        service.answer_notice(who.call(), answer(purpose, feature="order.payment"))
    assert steps(who) == []


@pytest.mark.promise("A4.1")
def test_only_the_notice_of_that_purpose_can_be_answered():
    who = make_person()
    for purpose, feature in ((PLACE, MEMBERSHIP), (MEMBERSHIP, "order.payment")):
        with pytest.raises(NoticeUnsuited):
            service.answer_notice(who.call(), answer(purpose, feature=feature))
    unknown = msgspec.structs.replace(answer(MEMBERSHIP).notice, feature="no.such")
    with pytest.raises(NoticeUnsuited):
        service.answer_notice(who.call(), msgspec.structs.replace(answer(MEMBERSHIP), notice=unknown))
    assert steps(who) == []


def test_an_unknown_purpose_is_neither_agreed_to_nor_withdrawn():
    who = make_person()
    with pytest.raises(PurposeUnknown):
        service.answer_notice(who.call(), msgspec.structs.replace(answer(MEMBERSHIP), purpose="no.such"))
    with pytest.raises(NotFound):
        service.withdraw_consent(who.call(), "no.such")

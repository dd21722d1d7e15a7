"""Minors over HTTP: what takes a guardian, how age becomes known, and what nobody's own word undoes."""

import msgspec
import pytest

from chalicelib.accounts.contracts.guardians import AnswerAsGuardian
from chalicelib.accounts.errors import InvitationOver
from chalicelib.accounts.service import guardians
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.errors import Unauthenticated
from chalicelib.foundation.standing import access, birthdays
from chalicelib.foundation.standing.minors import GuardianConsentRequired, NotForChildren
from chalicelib.foundation.web.route import REGISTERED, Who
from tests.support.accounts import new_mobile, new_name, open_account
from tests.support.clocks import Hands
from tests.support.consents import answer_body
from tests.support.counterparties import Counterparties
from tests.support.edges import Http
from tests.support.goods import on_sale
from tests.support.lives import make_account
from tests.support.minors import (
    agreed,
    born,
    identify,
    invite,
    make_guardian,
    make_minor,
    minor_of,
    respond,
    rules_shown,
    some_token,
)
from tests.support.people import Someone
from tests.support.publishing import Town
from tests.support.trading import Shop, key, order_body

POST = {"text": "新作", "affirmed_others": True}


def posted(http: Http, who: Someone):
    return http("POST", "/v1/posts", POST, who=who, headers=key())


def someone() -> Someone:
    return make_account(f"+86{new_mobile()}", new_name())


@pytest.mark.promise("M1.1")
def test_a_teenager_posts_and_buys_with_a_guardian_and_a_verified_identity_only(shop: Shop):
    http, teen, guardian, variant = shop.http, make_minor(15), make_guardian(), on_sale()
    body = order_body((variant, 1))
    assert posted(http, teen).code == "minors.guardian_consent_required"
    assert http("POST", "/v1/orders", body, who=teen, headers=key()).errors == [("/guardian", "missing")]
    agreed(http, guardian, teen)
    assert posted(http, teen).errors == [("/identity", "not_verified")]
    identify(teen)
    assert posted(http, teen).status == 201
    order = http("POST", "/v1/orders", body, who=teen, headers=key())
    assert order.status == 201
    gone = http("DELETE", f"/v1/guardianships/{teen.person_id}", who=guardian)
    assert (gone.status, gone.json["guarded"]) == (200, None)
    assert posted(http, teen).code == "minors.guardian_consent_required"
    path = f"/v1/orders/{order.json['order_id']}"
    assert http("GET", path, who=teen).status == 200
    assert http("POST", f"{path}/cancel", who=teen, headers=key()).status == 200


@pytest.mark.promise("M1.1", "M2.1")
def test_what_was_read_before_a_withdrawal_passes_no_transaction(http: Http):
    from chalicelib.community.contracts import WritePost
    from chalicelib.community.service import publishing

    teen, guardian = make_minor(15, identified=True), make_guardian()
    agreed(http, guardian, teen)
    call = teen.call(purpose="community.publish", idempotency_key="a" * 32, fingerprint="f", route="POST /v1/posts")
    guardians.withdraw_as_guardian(guardian.call(purpose="minor.protection"), teen.person_id)
    with pytest.raises(Unauthenticated):
        publishing.write_post(call, WritePost(text="晚了", affirmed_others=True))
    call = msgspec.structs.replace(call, person=teen.person())
    with pytest.raises(GuardianConsentRequired):
        publishing.write_post(call, WritePost(text="晚了", affirmed_others=True))


@pytest.mark.promise("M1.1", "M2.1")
def test_a_verb_reached_without_the_edge_is_refused_where_it_writes(cloud):
    child = make_minor(9)
    for purpose in ("community.publish", "order.fulfil", "account.membership", "account.email"):
        with pytest.raises(GuardianConsentRequired):
            access.commit(child.call(purpose=purpose), [birthdays.next_birthday(child.person(), None)])


@pytest.mark.promise("M2.3")
def test_no_child_is_recommended_to_marketed_to_or_located_whoever_agrees(http: Http):
    child = make_minor(9, identified=True)
    agreed(http, make_guardian(), child)
    answer = http("POST", "/v1/consents", answer_body("community.place"), who=child)
    assert (answer.status, answer.code) == (403, NotForChildren.code)
    teen = make_minor(15, identified=True)
    agreed(http, make_guardian(), teen)
    assert http("POST", "/v1/consents", answer_body("community.place"), who=teen).status == 200


@pytest.mark.promise("M2.3")
def test_whoever_turns_out_to_be_a_child_is_located_no_more(http: Http, town: Town):
    who = someone()
    assert http("POST", "/v1/consents", answer_body("community.place"), who=who).status == 200
    body = {**POST, "place": {"district": "上海市徐汇区"}}
    made = http("POST", "/v1/posts", body, who=who, headers=key())
    assert made.status == 201, made.text
    town.settle()
    path = f"/v1/posts/{made.json['post_id']}"
    assert http("GET", path).json["place"] is not None
    assert http("POST", "/v1/guardianships/age", {"birth_date": born(9).isoformat()}, who=who).status == 200
    town.settle()
    assert http("GET", path).json["place"] is None
    place = next(one for one in http("GET", "/v1/consents", who=who).json["additional"]
                 if one["purpose"] == "community.place")  # fmt: skip
    assert place["state"] == "withdrawn"


def test_every_route_of_a_person_says_by_its_purpose_what_a_minor_needs():
    from chalicelib.foundation.register import lookup

    free = {
        route.path
        for route in REGISTERED.values()
        if route.guarded and route.path.startswith("/v1/") and lookup.purpose(route.purpose).minors == "open"
    }
    assert {path.split("/")[2] for path in free} <= {
        "accounts", "bindings", "sessions", "consents", "requests", "cancellation", "cases", "inbox", "guardianships",
        "wards", "profile", "verification", "merges", "reports", "oauth",
    }  # fmt: skip
    assert not [path for path in free if path.startswith("/v1/profile")]
    of_right = {route.path for route in REGISTERED.values() if route.of_right}
    assert of_right == {
        "/v1/orders/{order_id}/payments/sync",
        "/v1/orders/{order_id}/cancel",
        "/v1/orders/{order_id}/receive",
        "/v1/orders/{order_id}/hide",
    }
    assert all(route.who is Who.PERSON for route in REGISTERED.values() if route.of_right)


@pytest.mark.promise("M1.2")
def test_removing_the_date_of_birth_opens_no_way_out(http: Http):
    teen = someone()
    put = {"birth_date": born(15).isoformat()}
    first = http("PUT", "/v1/profile/birth-date", put, who=teen, headers={"If-Match": '"1"'})
    assert (first.status, first.code) == (403, "minors.guardian_consent_required")
    assert http("GET", "/v1/profile", who=teen).json["birth_date"] is None
    agreed(http, make_guardian(), teen)
    assert http("PUT", "/v1/profile/birth-date", put, who=teen, headers={"If-Match": '"1"'}).status == 200
    older = {"birth_date": born(30).isoformat()}
    assert http("PUT", "/v1/profile/birth-date", older, who=teen, headers={"If-Match": '"2"'}).status == 200
    assert http("DELETE", "/v1/profile/birth-date", who=teen, headers={"If-Match": '"3"'}).status == 200
    age = http("GET", "/v1/guardianships/age", who=teen).json
    assert (age["age"], age["known_from"], age["guarded"]) == ("teen", "declared", "teen")


@pytest.mark.promise("M1.2")
def test_ones_own_word_makes_younger_and_never_older(http: Http):
    who = someone()

    def declare(years: int):
        return http("POST", "/v1/guardianships/age", {"birth_date": born(years).isoformat()}, who=who)

    assert declare(20).code == "minors.not_under_age"
    assert minor_of(who) is None
    assert declare(16).json["age"] == "teen"
    assert declare(17).code == "minors.age_settled"
    assert declare(30).code == "minors.age_settled"
    assert declare(10).json["age"] == "child"
    assert http("GET", "/v1/guardianships/age", who=who).json["age"] == "child"


@pytest.mark.promise("M1.2")
def test_nobody_makes_a_verified_adult_a_child(http: Http):
    adult = make_guardian()
    said = http("POST", "/v1/guardianships/age", {"birth_date": born(10).isoformat()}, who=adult)
    assert (said.code, minor_of(adult)) == ("minors.age_settled", None)
    assert http("POST", "/v1/guardianships/invitations", who=adult).code == "minors.not_under_age"
    assert http("PUT", "/v1/profile/birth-date", {"birth_date": born(10).isoformat()}, who=adult,
                headers={"If-Match": '"1"'}).status == 200  # fmt: skip
    assert minor_of(adult) is None


@pytest.mark.promise("M1.2")
def test_a_declaration_takes_a_fresh_proof_of_who_it_is(http: Http, hands: Hands):
    who = someone()
    hands.by(minutes=6)
    said = http("POST", "/v1/guardianships/age", {"birth_date": born(10).isoformat()}, who=who)
    assert said.code == "session.reauthentication_required"
    assert minor_of(who) is None


@pytest.mark.promise("M1.1", "M2.1")
def test_only_a_verified_adult_who_was_invited_answers(http: Http):
    child, stranger = make_minor(9), make_guardian()
    invited = invite(http, child)
    assert respond(http, someone(), invited).code == "minors.guardian_not_verified"
    assert respond(http, make_minor(16, identified=True), invited).code == "minors.guardian_not_verified"
    assert respond(http, stranger, {**invited, "invitation": some_token()}).code == "minors.invitation_over"
    assert respond(http, stranger, {**invited, "feature": "minor.teen"}).code == "consent.notice_unsuited"
    assert respond(http, stranger, invited).status == 200
    assert respond(http, stranger, invited).code == "minors.invitation_over"
    assert http("DELETE", f"/v1/guardianships/{child.person_id}", who=make_guardian()).status == 404


def test_an_invitation_ends_with_its_week(http: Http, hands: Hands):
    child, guardian = make_minor(9), make_guardian()
    invited = invite(http, child)
    hands.by(days=7, seconds=1)
    body = {"invitation": invited["invitation"], "answer": "agree", "notice": rules_shown("child")}
    with pytest.raises(InvitationOver):
        guardians.answer_as_guardian(guardian.call(clock.now()), msgspec.convert(body, AnswerAsGuardian))


@pytest.mark.promise("M1.1", "M2.1")
def test_the_proof_is_method_result_time_and_digest_and_no_guardian(http: Http, cloud):
    child, guardian = make_minor(9), make_guardian()
    agreed(http, guardian, child)
    from chalicelib.accounts.tables.guardians import guardians_of

    (row,) = guardians_of(child.person_id)
    assert (row.method, row.result, row.answer, row.stage) == ("phone", "adult", "agreed", "child")
    assert guardian.person_id not in str(row.to_simple_dict())
    history = http("GET", "/v1/consents/history", who=guardian).json["data"]
    assert {one["about"] for one in history} == {"minor.child"}
    assert {one["step"] for one in history} == {"shown", "answered"}


@pytest.mark.promise("M2.2")
def test_guardians_who_disagree_stop_what_they_disagree_on(http: Http):
    child, one, other = make_minor(9, identified=True), make_guardian(), make_guardian()
    agreed(http, one, child)
    assert posted(http, child).status == 201
    refused = respond(http, other, invite(http, child), "refuse")
    assert refused.json["guarded"] == "disputed"
    assert posted(http, child).errors == [("/guardian", "disputed")]
    limits = http("PUT", f"/v1/wards/{child.person_id}/limits", {"purposes": []}, who=one)
    assert limits.code == "minors.guardians_disagree"
    assert http("GET", f"/v1/wards/{child.person_id}", who=one).status == 200
    assert http("GET", f"/v1/wards/{child.person_id}", who=other).status == 404


@pytest.mark.promise("M1.1")
def test_a_teenager_who_says_so_at_sign_up_is_one_from_the_start(http: Http, counterparties: Counterparties):
    member = open_account(http, counterparties, birth_date=born(15).isoformat())
    assert http("GET", "/v1/guardianships/age", who=member).json["age"] == "teen"
    answer = http("POST", "/v1/posts", POST, who=member, headers=key())
    assert answer.code == "minors.guardian_consent_required"


def test_what_a_guardian_closed_is_closed(http: Http):
    teen, guardian = make_minor(15, identified=True), make_guardian()
    agreed(http, guardian, teen)
    path = f"/v1/wards/{teen.person_id}/limits"
    assert http("PUT", path, {"purposes": ["account.service"]}, who=guardian).status == 400
    limited = http("PUT", path, {"purposes": ["community.publish"]}, who=guardian)
    assert limited.json["limited"] == ["community.publish"]
    assert posted(http, teen).errors == [("/purposes/community.publish", "closed_by_guardian")]
    http("PUT", path, {"purposes": []}, who=guardian)
    assert posted(http, teen).status == 201

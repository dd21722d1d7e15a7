"""A post or comment under check when a guardian's consent ends is not published; with it, as ever."""

import msgspec
import pytest

from chalicelib.accounts.contracts.guardians import AnswerAsGuardian
from chalicelib.accounts.service import guardians
from chalicelib.community.contracts import WriteComment, WritePost
from chalicelib.community.jobs import apply_verdict
from chalicelib.community.service import checking, publishing
from chalicelib.community.tables import comment, post
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.ids import new_id
from tests.support.edges import deliver
from tests.support.minors import make_guardian, make_minor, rules_shown
from tests.support.people import Someone
from tests.support.permissions import running
from tests.support.publishing import Town


def call_of(who: Someone, purpose: str = "minor.protection") -> Call:
    return who.call(purpose=purpose, idempotency_key=new_id("key"))


@pytest.fixture
def teen() -> Someone:
    return make_minor(15, identified=True)


@pytest.fixture
def mother(teen: Someone) -> Someone:
    guardian = make_guardian()
    invited = guardians.invite_guardian(call_of(teen))
    said = {"invitation": invited.invitation, "answer": "agree", "notice": rules_shown("teen")}
    guardians.answer_as_guardian(call_of(guardian), msgspec.convert(said, AnswerAsGuardian))
    return guardian


def write(who: Someone) -> str:
    given = WritePost(text="完成了", affirmed_others=True)
    return publishing.write_post(call_of(who, "community.publish"), given).post_id


@pytest.mark.promise("M1.1", "M2.2")
@pytest.mark.parametrize("how", ["withdraws", "closes", "neither"])
def test_what_a_guardian_stops_while_it_is_checked_is_not_published(
    town: Town, teen: Someone, mother: Someone, how: str
):
    post_id = write(teen)
    if how == "withdraws":
        guardians.withdraw_as_guardian(call_of(mother), teen.person_id)
    elif how == "closes":
        guardians.limit_ward(call_of(mother), teen.person_id, {"community.publish"})
    assert town.pump("community") == []
    row = post(post_id)
    assert row is not None
    assert row.state == ("visible" if how == "neither" else "refused")
    told = "post_published" if how == "neither" else "post_unguarded"
    assert [told in body for body in town.outbox("NoticeOrdered")] == [True]


@pytest.mark.promise("M1.1", "M2.2")
def test_a_comment_likewise(town: Town, teen: Someone, mother: Someone):
    post_id = write(town.author())
    assert town.pump("community") == []
    given = WriteComment(text="好看", affirmed_others=True)
    said = publishing.write_comment(call_of(teen, "community.publish"), post_id, given)
    guardians.withdraw_as_guardian(call_of(mother), teen.person_id)
    assert town.pump("community") == []
    row = comment(said.comment_id)
    assert row is not None
    assert row.state == "refused"


@pytest.mark.promise("M1.1", "M2.2")
def test_a_withdrawal_between_the_verdict_and_its_writing_is_seen(
    town: Town, teen: Someone, mother: Someone, monkeypatch: pytest.MonkeyPatch
):
    post_id, true_allow = write(teen), checking.minors.allow

    def late(*given: object) -> bool:
        answer = true_allow(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(checking.minors, "allow", true_allow)
        with running("api_handler"):
            guardians.withdraw_as_guardian(call_of(mother), teen.person_id)
        return answer

    monkeypatch.setattr(checking.minors, "allow", late)
    (body,) = [message["Body"] for message in town.cloud.messages("community")]
    assert deliver(apply_verdict, body) != []
    assert deliver(apply_verdict, body) == []
    row = post(post_id)
    assert row is not None
    assert row.state == "refused"

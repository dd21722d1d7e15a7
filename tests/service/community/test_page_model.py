"""Whatever is chosen, agreed to, written and done to the account: others see what follows from that, and no more."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.accounts.contracts.visibility import CHOICES, SetVisibility
from chalicelib.accounts.service import profile, visibility
from chalicelib.community.rules import State
from chalicelib.foundation.kernel import clock
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import ACTIVE, CLOSING, FROZEN, MERGING, StandingRow
from chalicelib.foundation.store.write import commit, update
from tests.support.accounts import new_mobile, new_name
from tests.support.edges import Http
from tests.support.lives import RESIDENCE, make_account
from tests.support.minors import identify, know_age
from tests.support.pages import PAGE, choose, page_of, write_comment, write_post
from tests.support.people import Someone

COMMENT_STATES = [State.PENDING, State.REVIEW, State.VISIBLE, State.REFUSED]
AGES = {"adult": None, "child": (9, "child"), "alone": (15, ""), "teen": (15, "teen"), "disputed": (15, "disputed")}
PURPOSES = ("account.membership", "account.verification", PAGE)


class Facts(NamedTuple):
    """What is true of somebody and of what they wrote."""

    shows: set[str]
    opened: bool
    agreed: set[str]
    status: str
    age: str
    identified: bool
    posts: list[State]
    comments: list[tuple[State, State]]
    viewer: str

    @property
    def open(self) -> bool:
        """Whether anybody is shown a page."""
        may = self.age in {"adult", "teen"}
        return self.opened and PAGE in self.agreed and self.status == ACTIVE and may

    @property
    def badges(self) -> list[str]:
        """What the page says of its owner, who has given a residence."""
        member = ["member"] if "member" in self.shows and "account.membership" in self.agreed else []
        proved = self.identified and "account.verification" in self.agreed and "verified" in self.shows
        return member + (["verified"] if proved else [])


_CHOSEN = st.sets(st.sampled_from(PURPOSES))
FACTS = st.builds(
    Facts,
    shows=st.sets(st.sampled_from(CHOICES)),
    opened=st.sampled_from([*[True] * 5, False]),
    agreed=st.one_of([_CHOSEN.map(lambda some: some | {PAGE})] * 3 + [_CHOSEN]),
    status=st.sampled_from([*[ACTIVE] * 9, FROZEN, CLOSING, MERGING]),
    age=st.sampled_from([*["adult"] * 5, *AGES]),
    identified=st.booleans(),
    posts=st.lists(st.sampled_from(State), max_size=4),
    comments=st.lists(
        st.tuples(st.sampled_from([*[State.VISIBLE] * 4, *COMMENT_STATES]), st.sampled_from(State)), max_size=4
    ),
    viewer=st.sampled_from(["guest", "other", "owner"]),
)


class Scene:
    """One person as the facts say, and everything that may or may not be seen of them."""

    def __init__(self, facts: Facts) -> None:
        self.facts, self.now = facts, clock.now().replace(microsecond=0)
        self.who = make_account(f"+86{new_mobile()}", new_name())
        self.other = make_account(f"+86{new_mobile()}", new_name())
        self.posts = [self._post(number, state) for number, state in enumerate(facts.posts)]
        self.comments = [self._comment(number, *states) for number, states in enumerate(facts.comments)]
        if facts.identified:
            identify(self.who)
        self.public_id = self._page()
        choose(self.who, *facts.agreed)
        if (known := AGES[facts.age]) is not None:
            know_age(self.who, known[0], guarded=known[1])
        commit([update(self._standing, [StandingRow.status.set(facts.status)])])

    @property
    def _standing(self) -> tuple[type[StandingRow], str, str]:
        return StandingRow, self.who.person_id, access.SK

    def _at(self, minute: int) -> datetime:
        return self.now + timedelta(minutes=minute)

    def _post(self, number: int, state: State) -> tuple[str, State, str]:
        text = f"帖子{new_id('key')}"
        return write_post(self.who, text, state, self._at(number)).pk, state, text

    def _comment(self, number: int, state: State, under: State) -> tuple[str, bool, str]:
        text = f"评论{new_id('key')}"
        post = write_post(self.other, "别人的", State.VISIBLE if under == State.REMOVING else under, self._at(number))
        row = write_comment(self.who, post.pk, text, state, self._at(number))
        if under == State.REMOVING:
            from chalicelib.community.service.publishing import remove_post

            remove_post(self.other.call(), post.pk)
        return row.pk, state == State.VISIBLE and under == State.VISIBLE, text

    def _page(self) -> str:
        chosen = SetVisibility(**dict.fromkeys(self.facts.shows, True))
        opened = page_of(self.who, chosen)
        if not self.facts.opened:
            visibility.close_page(self.who.call(), opened.version)
        return str(opened.public_id)

    def viewer(self) -> Someone | None:
        return {"guest": None, "other": self.other, "owner": self.who}[self.facts.viewer]

    def may_be_seen(self) -> set[str]:
        """Name every text that may show up on the page."""
        shown = (
            {text for _, state, text in self.posts if state == State.VISIBLE} if "posts" in self.facts.shows else set()
        )
        return shown | ({text for _, seen, text in self.comments if seen} if "comments" in self.facts.shows else set())

    def secrets(self) -> set[str]:
        """Name what may show up nowhere."""
        said = {text for _, _, text in (*self.posts, *self.comments)}
        hidden = said - (self.may_be_seen() if self.facts.open else set())
        return hidden | {self.who.person_id, self.who.ref, RESIDENCE, "13800138000"}


def look(http: Http, scene: Scene) -> None:
    """Look at all of a page and hold it against the facts."""
    facts, path = scene.facts, f"/v1/people/{scene.public_id}"
    nobody = http("GET", f"/v1/people/{new_id('pub')}").json
    answers = {part: http("GET", path + part, who=scene.viewer()) for part in ("", "/posts", "/comments")}
    there = {"": facts.open, **{f"/{name}": facts.open and name in facts.shows for name in ("posts", "comments")}}
    for part, answer in answers.items():
        assert answer.status == (200 if there[part] else 404), (part, answer.text)
        assert answer.headers["Cache-Control"] == "no-store"
        if not there[part]:
            assert {**answer.json, "request_id": ""} == {**nobody, "request_id": ""}
    everything = "".join(answer.text + str(answer.headers) for answer in answers.values())
    assert [one for one in scene.secrets() if one in everything] == []
    if facts.open:
        assert answers[""].json["badges"] == facts.badges
        assert [answers[""].json[name] for name in ("posts", "comments")] == [
            name in facts.shows for name in ("posts", "comments")
        ]
    if there["/posts"]:
        expected = [pk for pk, state, _ in scene.posts if state == State.VISIBLE]
        assert [one["post_id"] for one in answers["/posts"].json["data"]] == expected[::-1]
    if there["/comments"]:
        expected = [pk for pk, seen, _ in scene.comments if seen]
        assert [one["comment_id"] for one in answers["/comments"].json["data"]] == expected[::-1]


def check(http: Http, facts: Facts) -> None:
    scene = Scene(facts)
    look(http, scene)
    author = profile.authors([scene.who.person_id], clock.now()).get(scene.who.person_id)
    linked = None if author is None else author.public_id
    assert linked == (scene.public_id if facts.open else None), "a byline leads to a page exactly where there is one"
    mine = visibility.show_visibility(scene.who.call())
    if facts.status == ACTIVE:
        assert (mine.open, mine.public_id) == ((True, scene.public_id) if facts.open else (False, None))
    assert msgspec.json.encode(mine)


@pytest.mark.promise("B5.2")
@settings(max_examples=40)
@given(facts=FACTS)
def test_others_see_what_the_settings_allow_and_nothing_else(http: Http, counterparties: Any, facts: Facts):
    check(http, facts)


@pytest.mark.soak
@settings(max_examples=500)
@given(facts=FACTS)
def test_others_see_no_more_over_many_lives(http: Http, counterparties: Any, facts: Facts):
    check(http, facts)

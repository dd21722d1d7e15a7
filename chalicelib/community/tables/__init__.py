"""Posts and comments, with every query and condition on them.

What everyone may see stands in the sparse index `visible`, and lists read nothing else: what was not checked is
not in there, whatever a filter forgets.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from ...foundation.kernel.clock import rfc3339
from ...foundation.kernel.errors import NotFound
from ...foundation.store import planner
from ...foundation.store.attributes import Instant, Integer, Json, Sealed, Text, Texts
from ...foundation.store.declare import EPOCH, INDEX, KEY, OnMerge, Personal
from ...foundation.store.row import Row, get, query, query_index, rows_by_key
from ...foundation.store.write import Write, check, delete, update
from ...foundation.vault.blind import blind
from ..rules import State
from .indexes import Shown, Visible, Written

if TYPE_CHECKING:
    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

POST_SK, COMMENT_SK = "POST", "COMMENT"
_POSTS = "POST"


class ContentRow(Row):
    """What posts and comments have in common."""

    on_merge = OnMerge.MOVE

    noun: ClassVar[str]

    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("content.author"))
    epoch = Integer(EPOCH)
    state = Text(Personal("content.verdict"))
    verdict = Text(Personal("content.verdict"), null=True)
    label = Text(Personal("content.verdict"), null=True)
    affirmed = Text(Personal("content.affirmation"))
    leads_away = Texts(Personal("content.verdict"), null=True)
    created_at = Instant(Personal("content.times"))
    published_at = Instant(Personal("content.times"), null=True)
    visible_key = Text(INDEX, null=True)
    visible_at = Instant(INDEX, null=True)
    shown_as = Text(INDEX, null=True)
    written_at = Instant(INDEX, null=True)

    if TYPE_CHECKING:
        text: Text
        draft: Sealed

    @property
    def list_key(self) -> str:
        """Name the list that it appears in once it is visible."""
        raise TypeError(type(self).__name__)

    def read(self) -> str:
        """Give the text: in the clear once it is public, sealed until then.

        Raises:
            KeyDestroyed: it is not public, and its author is being erased.
        """
        return self.draft.reveal() if self.text is None else self.text


class PostRow(ContentRow, table="community", kind="post"):
    """A post. `text` and `pictures`, what readers need of its pictures, are put here when it becomes visible."""

    noun = "post"

    pk = Text(KEY, hash_key=True)
    text = Text(Personal("post.public"), null=True)
    draft = Sealed(Personal("post.text"), null=True)
    media_ids = Json(Personal("media.key"))
    pictures = Json(Personal("media.key"), null=True)
    place = Sealed(Personal("post.place"), null=True)

    visible, written, shown = Visible(), Written(), Shown()

    @property
    def list_key(self) -> str:
        """Name the one list of posts."""
        return _POSTS


class CommentRow(ContentRow, table="community", kind="comment"):
    """A comment on a post; it goes with its author, and is not shown when the post is not."""

    erase_rank = 20
    noun = "comment"

    pk = Text(KEY, hash_key=True)
    post_id = Text(KEY)
    text = Text(Personal("comment.public"), null=True)
    draft = Sealed(Personal("comment.text"), null=True)

    visible, written, shown = Visible(), Written(), Shown()

    @property
    def list_key(self) -> str:
        """Name the list of its post's comments."""
        return comments_of(self.post_id)


class PostWordRow(Row, table="community", kind="post_word"):
    """That a post which everyone may see is found under a word, whose keyed hash stands in the key."""

    on_merge = OnMerge.MOVE

    erase_rank = 20
    told = False

    pk = Text(Personal("post.public"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("content.author"))
    epoch = Integer(EPOCH)

    @property
    def post_id(self) -> str:
        """Name the post, the last part of the sort key."""
        return self.sk.rpartition("#")[2]


Content = PostRow | CommentRow
Key = dict[str, str]


def comments_of(post_id: str) -> str:
    """Name the list of a post's comments."""
    return f"COMMENT#{post_id}"


def post(post_id: str) -> PostRow | None:
    """Read a post, strongly."""
    return get(PostRow, post_id, POST_SK)


def comment(comment_id: str) -> CommentRow | None:
    """Read a comment, strongly."""
    return get(CommentRow, comment_id, COMMENT_SK)


def visible_posts(limit: int, after: Key | None) -> tuple[list[PostRow], Key | None]:
    """Read one page of the posts everyone may see, newest first."""
    return query_index(PostRow.visible, _POSTS, limit=limit, forward=False, after=after)


def visible_comments(post_id: str, limit: int, after: Key | None) -> tuple[list[CommentRow], Key | None]:
    """Read one page of a post's comments that everyone may see, oldest first."""
    return query_index(CommentRow.visible, comments_of(post_id), limit=limit, after=after)


def while_visible(post_id: str) -> Write:
    """Let a transaction pass only while a post is there for everyone."""
    return check((PostRow, post_id, POST_SK), PostRow.state == State.VISIBLE, NotFound)


def note_verdict(row: Content, verdict: str, label: str) -> Write:
    """Note what the check of the text said, the first time it says something."""
    kind = type(row)
    unjudged = (kind.state == State.PENDING) & kind.verdict.does_not_exist()
    return update(row, [kind.verdict.set(verdict), kind.label.set(label)], unjudged)


def show(row: Content, at: datetime, *, pictures: list[list[Any]] | None = None, placeless: bool = False) -> Write:
    """Make it visible to everyone, from now on in the clear and in its list."""
    kind = type(row)
    actions: list[Action] = [
        kind.state.set(State.VISIBLE),
        kind.text.set(row.read()),
        kind.draft.remove(),
        kind.published_at.set(at),
        kind.visible_key.set(row.list_key),
        kind.visible_at.set(at),
        kind.shown_as.set(f"{row.sk}#{rfc3339(at)}"),
    ]
    if pictures:
        actions.append(PostRow.pictures.set(pictures))
    if placeless:
        actions.append(PostRow.place.remove())
    return update(row, actions, _pending(kind))


def hold(row: Content, state: State) -> Write:
    """Leave it to a human, or refuse it."""
    kind = type(row)
    return update(row, [kind.state.set(state)], _pending(kind))


def remove_comment(row: CommentRow) -> Write:
    """Delete a comment for good, and with it its place in every list."""
    return delete(row, CommentRow.person_id == row.person_id, NotFound)


def remove_post(row: PostRow) -> Write:
    """Take a post out of every list and out of everybody's sight, until its postings are gone too.

    Its text stays that long, because it tells which postings there are.
    """
    listed = (PostRow.visible_key, PostRow.visible_at, PostRow.shown_as, PostRow.written_at)
    leaving = (*listed, PostRow.place, PostRow.pictures, PostRow.draft)
    actions: list[Action] = [PostRow.state.set(State.REMOVING), *(attribute.remove() for attribute in leaving)]
    there = (PostRow.person_id == row.person_id) & (PostRow.state != State.REMOVING)
    return update(row, actions, there, otherwise=NotFound)


def drop(row: PostRow) -> Write:
    """Delete the row of a post whose postings are gone."""
    return delete(row)


def remove_place(row: PostRow) -> Write:
    """Take the place off a post."""
    return update(row, [PostRow.place.remove()])


def posts_of(person_id: str) -> Iterator[PostRow]:
    """Read every post of a person, by the index that is behind by moments."""
    for row in planner.read(planner.traverse(person_id, [PostRow])):
        if isinstance(row, PostRow):
            yield row


def word_key(word: str, row: PostRow) -> Key:
    """Give the key of a visible post's posting under a word: newest first when read backwards."""
    return {"pk": f"WORD#{blind('post.word', word)}", "sk": f"{rfc3339(row.published_at or row.created_at)}#{row.pk}"}


def postings(row: PostRow, words: Iterable[str]) -> list[PostWordRow]:
    """Make the postings of a visible post."""
    return [PostWordRow(**word_key(word, row), person_id=row.person_id, epoch=row.epoch) for word in sorted(words)]


def found_under(word: str, limit: int, after: Key | None) -> tuple[list[PostRow], Key | None]:
    """Read one page of the posts under a word that everyone may see, newest first, and where the next page begins."""
    hits, last = query(PostWordRow, f"WORD#{blind('post.word', word)}", limit=limit, forward=False, after=after)
    found = rows_by_key([(PostRow, hit.post_id, POST_SK) for hit in hits], strong=False) if hits else []
    return [row for row in found if isinstance(row, PostRow) and row.state == State.VISIBLE], last


def strays(person_id: str, post_id: str) -> list[tuple[str, str]]:
    """Find the postings of a post that is gone, by its author."""
    found = planner.traverse(person_id, [PostWordRow])
    return [(one.pk, one.sk) for one in found if one.sk.endswith(f"#{post_id}")]


def _pending(kind: type[Content]) -> "Condition":
    still: Condition = kind.state == State.PENDING
    return still

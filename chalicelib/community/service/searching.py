"""Finding posts by their words: postings of what everyone may see, and of nothing else."""

from ...foundation.kernel.call import Call
from ...foundation.kernel.words import query_tokens
from ...foundation.store.batch import delete_keys, put_rows
from ...foundation.store.write import commit
from .. import rules, tables
from ..contracts import PostsQuery
from ..rules import State
from ..tables import Key, PostRow

LOOKED_AT = 50
QUERIES = 2


def index_post(call: Call, post_id: str) -> None:
    """Write a visible post's postings; safe to run twice, and beside a removal.

    Whoever finds the post gone afterwards takes back what was written; one that was killed before it could
    comes again, finds no post to tell the words, and looks for postings by their author.
    """
    row = tables.post(post_id)
    if row is None:
        delete_keys(tables.PostWordRow.table, tables.strays(call.who.person_id, post_id))
    elif row.state == State.VISIBLE:
        put_rows(tables.postings(row, rules.words_of(row.read())))
        if _is_gone(post_id):
            _forget(row)


def forget_post(post_id: str) -> None:
    """End a post that was removed: its postings first, then the row that tells which they are.

    Keeps: J3.1
    """
    row = tables.post(post_id)
    if row is not None and row.state == State.REMOVING:
        _forget(row)
        commit([tables.drop(row)])


def find_posts(asked: PostsQuery, after: Key | None) -> tuple[list[PostRow], Key | None]:
    """Find what everyone may see and carries every word asked for; a page of a common word may be short.

    Keeps: A1.3, A1.4, F3.1
    """
    words = query_tokens(asked.q)
    if not words:
        return [], None
    found: list[PostRow] = []
    for _ in range(QUERIES):
        looked_at = LOOKED_AT if len(words) > 1 else asked.limit + 1
        rows, after = tables.found_under(words[0], looked_at, after)
        found += [row for row in rows if rules.carries(row.read(), words)]
        if after is None or len(found) > asked.limit:
            break
    if len(found) > asked.limit:
        found = found[: asked.limit]
        after = tables.word_key(words[0], found[-1])
    return found, after


def _forget(row: PostRow) -> None:
    words = rules.words_of(row.text or "")  # what never was public has none
    delete_keys(tables.PostWordRow.table, [(one.pk, one.sk) for one in tables.postings(row, words)])


def _is_gone(post_id: str) -> bool:
    row = tables.post(post_id)
    return row is None or row.state != State.VISIBLE

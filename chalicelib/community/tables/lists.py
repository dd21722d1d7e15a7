"""What one author wrote, page by page: all of it for themselves, what everyone may see for others.

The indexes only say where to look; what is given is read from the rows themselves, as they stand by then.
"""

from typing import Any

from ...foundation.store.row import Row, query_index, rows_by_key
from ..rules import State
from . import COMMENT_SK, POST_SK, CommentRow, Content, Key, PostRow

_OWNER = "person_id"


def written_by(person_id: str, limit: int, after: Key | None) -> tuple[list[Content], Key | None]:
    """Read one page of all that somebody wrote, newest first, strongly; what is being removed is not there any more."""
    hits, last = _page(PostRow.written, person_id, limit=limit, after=after)
    places = [(_class_of(hit.sk), hit.pk, hit.sk) for hit in hits]
    found = rows_by_key(places) if places else []
    mine = [row for row in found if isinstance(row, PostRow | CommentRow) and row.person_id == person_id]
    return [row for row in mine if row.state != State.REMOVING], last


def shown_posts(person_id: str, limit: int, after: Key | None) -> tuple[list[PostRow], Key | None]:
    """Read one page of somebody's posts that everyone may see, newest first."""
    hits, last = _page(PostRow.shown, person_id, limit=limit, after=after, sk=POST_SK)
    found = rows_by_key([(PostRow, hit.pk, POST_SK) for hit in hits]) if hits else []
    return [row for row in found if isinstance(row, PostRow) and _is_shown(row, person_id)], last


def shown_comments(person_id: str, limit: int, after: Key | None) -> tuple[list[CommentRow], Key | None]:
    """Read one page of somebody's comments that everyone may see, on posts that everyone may see, newest first."""
    hits, last = _page(CommentRow.shown, person_id, limit=limit, after=after, sk=COMMENT_SK)
    places: list[tuple[type[Row], str, str]] = [(CommentRow, hit.pk, COMMENT_SK) for hit in hits]
    places += [(PostRow, hit.post_id, POST_SK) for hit in hits]
    found = rows_by_key(places) if places else []
    there = {row.pk for row in found if isinstance(row, PostRow) and row.state == State.VISIBLE}
    theirs = [row for row in found if isinstance(row, CommentRow) and _is_shown(row, person_id)]
    return [row for row in theirs if row.post_id in there], last


def _page(
    index: Any,  # noqa: ANN401 - PynamoDB index objects
    person_id: str,
    *,
    limit: int,
    after: Key | None,
    sk: str = "",
) -> tuple[list[Any], Key | None]:
    """Read one page of an index; the last key does not say whose it is, since cursors are no secret."""
    start = None if after is None else {**after, _OWNER: person_id}
    only = type(index).shown_as.startswith(f"{sk}#") if sk else None
    hits, last = query_index(index, person_id, only, limit=limit, forward=False, after=start)
    return hits, None if last is None else {name: value for name, value in last.items() if name != _OWNER}


def _class_of(sk: str) -> type[PostRow] | type[CommentRow]:
    return PostRow if sk == POST_SK else CommentRow


def _is_shown(row: Content, person_id: str) -> bool:
    return row.state == State.VISIBLE and row.person_id == person_id

"""A person with so many rows of some kinds, as the store would answer for them."""

import json
from itertools import cycle
from typing import Any

_PAGE = 5000
"""Keys of one row are some 150 bytes in an index, so a page of 1 MB holds at least so many."""
_JSON = {"Content-Type": "application/x-amz-json-1.0"}


class Crowd:
    """Answers queries of the index by person, and reads; whatever is written is taken, and nothing is kept."""

    def __init__(self, kinds: dict[str, dict[str, Any]], count: int, cases: list[dict[str, Any]] | None = None) -> None:
        """Take the kinds and what a row of each holds besides its key, how many rows there are of each, and cases.

        A single read is always of the case that is worked on: it gives the next of `cases`, over and over.
        """
        self._kinds, self._count, self._cases = kinds, count, cycle(cases or [{}])

    def __call__(self, asked: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Answer."""
        answering = {"Query": self._query, "BatchGetItem": self._read, "GetItem": self._case}
        answer = answering.get(asked.rpartition(".")[2], _nothing)(json.loads(body))
        return 200, _JSON, json.dumps(answer).encode()

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        values = {value["S"] for value in asked["ExpressionAttributeValues"].values()}
        kind = next((kind for kind in self._kinds if kind in values), None)
        if asked.get("IndexName") != "by_person" or kind is None:
            return {"Items": [], "Count": 0, "ScannedCount": 0}
        start = int(asked["ExclusiveStartKey"]["sk"]["S"].rpartition("#")[2]) if "ExclusiveStartKey" in asked else 0
        end = min(start + asked.get("Limit", _PAGE), self._count)
        known = {"person_id": self._kinds[kind]["person_id"], "kind": {"S": kind}}
        items = [{**_key(kind, number), **known} for number in range(start, end)]
        page: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        return {**page, "LastEvaluatedKey": _key(kind, end)} if end < self._count else page

    def _read(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = {
            table: [{**key, **self._kinds[key["sk"]["S"].partition("#")[0]]} for key in wanted["Keys"]]
            for table, wanted in asked["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}

    def _case(self, _asked: dict[str, Any]) -> dict[str, Any]:
        return {"Item": next(self._cases)}


def _nothing(_asked: dict[str, Any]) -> dict[str, Any]:
    return {}


def _key(kind: str, number: int) -> dict[str, Any]:
    return {"pk": {"S": f"per_{'a' * 26}"}, "sk": {"S": f"{kind}#2026-11-22T12:00:00.000Z#{number:08d}"}}

"""A person with so many rows of one kind, as the store would answer for them."""

import json
from typing import Any

_PAGE = 5000
"""Keys of one row are some 150 bytes in an index, so a page of 1 MB holds at least so many."""
_JSON = {"Content-Type": "application/x-amz-json-1.0"}


class Crowd:
    """Answers queries of the index by person, reads and deletes; nothing is kept."""

    def __init__(self, kind: str, count: int, attributes: dict[str, Any]) -> None:
        """Take the kind, how many rows of it there are, and what each holds besides its key."""
        self._kind, self._count, self._attributes = kind, count, attributes

    def __call__(self, asked: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Answer."""
        answering = {"Query": self._query, "BatchGetItem": self._read}
        answer = answering.get(asked.rpartition(".")[2], _nothing)(json.loads(body))
        return 200, _JSON, json.dumps(answer).encode()

    def _query(self, asked: dict[str, Any]) -> dict[str, Any]:
        values = {value["S"] for value in asked["ExpressionAttributeValues"].values()}
        if asked.get("IndexName") != "by_person" or self._kind not in values:
            return {"Items": [], "Count": 0, "ScannedCount": 0}
        start = int(asked["ExclusiveStartKey"]["sk"]["S"].rpartition("#")[2]) if "ExclusiveStartKey" in asked else 0
        end = min(start + asked.get("Limit", _PAGE), self._count)
        known = {"person_id": self._attributes["person_id"], "kind": {"S": self._kind}}
        items = [{**_key(self._kind, number), **known} for number in range(start, end)]
        page: dict[str, Any] = {"Items": items, "Count": len(items), "ScannedCount": len(items)}
        return {**page, "LastEvaluatedKey": _key(self._kind, end)} if end < self._count else page

    def _read(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = {
            table: [{**key, **self._attributes} for key in wanted["Keys"]]
            for table, wanted in asked["RequestItems"].items()
        }
        return {"Responses": found, "UnprocessedKeys": {}}


def _nothing(_asked: dict[str, Any]) -> dict[str, Any]:
    return {}


def _key(kind: str, number: int) -> dict[str, Any]:
    return {"pk": {"S": f"per_{'a' * 26}"}, "sk": {"S": f"{kind}#2026-11-22T12:00:00.000Z#{number:08d}"}}

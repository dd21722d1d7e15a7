"""What each function may do by `policies/iam`, what a call to AWS needs, and which grants no test has used.

`python -m infra.permissions` refuses unused ones after a run of the whole suite, and `make test` ends with it. A run of
less shows nothing about what is unused, so then it refuses nothing.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from .tree import ROOT, tree_hash

USED = Path("build") / "permissions-used.json"
POLICIES = ROOT / "policies" / "iam"
_TABLE = re.compile(r":table/jule-\$\{Stage\}-([a-z]+)(/index/[a-z_]+)?$")
_BUCKET = re.compile(r":s3:::jule-\$\{Stage\}-([a-z]+)-\$\{AWS::AccountId\}(/\*)?$")
_OF_A_TRANSACTION = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_OBJECT = {
    "PutObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
}
_BUCKETS = {"ListObjectVersions": "ListBucketVersions", "ListMultipartUploads": "ListBucketMultipartUploads"}
NOT_BY_CALLS = ("logs:", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")  # Lambda's own work


TWINS = {"erase_person": "continue_erasures", "continue_erasures": "erase_person"}
"""The one goes on with what the other has begun, at whatever step that is: what either needs, both do."""


class Unseen(NamedTuple):
    """A grant that is needed though a run of the tests may not show it, and why."""

    functions: frozenset[str] | None
    action: str
    place: str
    reason: str


UNSEEN = (
    Unseen(
        None,
        "s3:AbortMultipartUpload",
        "bucket/",
        "who removes an object for good also ends an upload of it that a kill left open: there may be none to find",
    ),
    Unseen(
        frozenset(TWINS),
        "dynamodb:BatchGetItem",
        "table/",
        "the last look reads whatever the index still names, in any table, when the index is behind",
    ),
)


class Record(msgspec.Struct, frozen=True):
    """What functions were seen to use, on which tree, and whether the whole suite had its turn and passed."""

    tree: str
    whole: bool
    used: dict[str, list[tuple[str, str]]]


class Grant(NamedTuple):
    """One action on one resource, such as `dynamodb:Query` on `table/trade/index/due`."""

    action: str
    resource: str


def granted(function: str) -> set[Grant]:
    """Read what a function may do."""
    statements = json.loads((POLICIES / f"{function}.json").read_text())["Statement"]
    return {
        Grant(action, resource_of(resource))
        for statement in statements
        for action in statement["Action"]
        for resource in statement["Resource"]
    }


def resource_of(stated: dict[str, Any]) -> str:
    """Name a resource of a policy shortly, as `needed` does."""
    if "Fn::GetAtt" in stated:
        name = re.sub(r"(Queue|Key)$", "", stated["Fn::GetAtt"][0])
        return f"{'key' if stated['Fn::GetAtt'][0].endswith('Key') else 'queue'}/{name.lower()}"
    text = stated["Fn::Sub"]
    if found := _TABLE.search(text):
        return f"table/{found[1]}{found[2] or ''}"
    if found := _BUCKET.search(text):
        return f"bucket/{found[1]}{found[2] or ''}"
    return "log"


def needed(service: str, operation: str, params: dict[str, Any]) -> Iterator[Grant]:
    """Work out what AWS asks for one call of the SDK; resources are named as physical names are built."""
    if service == "dynamodb":
        yield from _of_dynamodb(operation, params)
    elif service == "s3":
        yield from _of_s3(operation, params)
    elif service == "sqs":
        queue = params["QueueUrl"].rpartition("/")[2].split("-", 2)[2]
        yield Grant("sqs:SendMessage" if operation == "SendMessageBatch" else f"sqs:{operation}", f"queue/{queue}")
    else:
        yield Grant(f"{service}:{operation}", f"key/{params['KeyId']}")


def _of_dynamodb(operation: str, params: dict[str, Any]) -> Iterator[Grant]:
    for step in params.get("TransactItems", ()):
        for kind, action in step.items():
            yield Grant(f"dynamodb:{_OF_A_TRANSACTION[kind]}", _table(action["TableName"]))
    for table in params.get("RequestItems", ()):
        yield Grant(f"dynamodb:{operation}", _table(table))
    if "TableName" in params:
        index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
        yield Grant(f"dynamodb:{operation}", _table(params["TableName"]) + index)


def _table(name: str) -> str:
    return f"table/{name.rpartition('-')[2]}"


def _of_s3(operation: str, params: dict[str, Any]) -> Iterator[Grant]:
    bucket = f"bucket/{params['Bucket'].split('-')[2]}"
    if operation in _BUCKETS:
        yield Grant(f"s3:{_BUCKETS[operation]}", bucket)
    elif operation == "DeleteObjects":
        yield Grant("s3:DeleteObject", f"{bucket}/*")  # always, says AWS, and for a version the other one too
        if any("VersionId" in one for one in params["Delete"]["Objects"]):
            yield Grant("s3:DeleteObjectVersion", f"{bucket}/*")
    else:
        version = "Version" if "VersionId" in params else ""
        yield Grant(f"s3:{_OBJECT.get(operation, operation + version)}", f"{bucket}/*")


def unused(used: dict[str, list[tuple[str, str]]]) -> Iterator[str]:
    """Name every grant that nothing has used and nothing excuses, as `function: action on resource`."""
    for file in sorted(POLICIES.glob("*.json")):
        seen = seen_of(file.stem, used)
        for grant in sorted(granted(file.stem) - seen):
            if not grant.action.startswith(NOT_BY_CALLS) and not excused(file.stem, grant):
                yield f"{file.stem}: {grant.action} on {grant.resource}"


def seen_of(function: str, used: dict[str, list[tuple[str, str]]]) -> set[Grant]:
    """Give what a function, or the one that does the same, was seen to use."""
    return {Grant(*one) for name in (function, TWINS.get(function, "")) for one in used.get(name, ())}


def excused(function: str, grant: Grant) -> bool:
    """Say whether a grant is needed though no test shows it."""
    return any(
        grant.action == one.action
        and grant.resource.startswith(one.place)
        and (one.functions is None or function in one.functions)
        for one in UNSEEN
    )


def last_run() -> Record | None:
    """Give what the last run of tests saw, whatever it ran."""
    file = ROOT / USED
    return msgspec.json.decode(file.read_bytes(), type=Record) if file.exists() else None


def main() -> int:
    """Refuse unused grants."""
    last = last_run()
    if last is None or not last.whole or last.tree != tree_hash():
        print("permissions: no run of the whole suite on this tree, so nothing can be said about unused grants")
        return 0
    left = list(unused(last.used))
    if left:
        print(
            "\n".join([*left, f"{len(left)} grants that nothing uses: take them out of policies/iam"]), file=sys.stderr
        )
    return 1 if left else 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Cut botocore's service models to the services and operations that we call.

A client parses its whole model when it is made. What is dropped: other services, other operations and the shapes
only they use, waiters and examples. Documentation is blanked, never deleted: botocore reads some of its keys.
"""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

Node = Any

# One entry for each call made anywhere under chalicelib/; tests/invariants/test_package.py compares.
OPERATIONS: dict[str, frozenset[str]] = {
    "dynamodb": frozenset(
        {
            "BatchGetItem",
            "BatchWriteItem",
            "DeleteItem",
            "GetItem",
            "PutItem",
            "Query",
            "TransactGetItems",
            "TransactWriteItems",
            "UpdateItem",
        }
    ),
    "kms": frozenset({"Decrypt", "GenerateDataKey", "GetPublicKey", "Sign"}),
    "s3": frozenset(
        {
            "AbortMultipartUpload",
            "CompleteMultipartUpload",
            "CreateBucket",  # never called: botocore fills a presigned form's address into its model
            "CreateMultipartUpload",
            "DeleteObjects",
            "GetObject",
            "ListMultipartUploads",
            "ListObjectVersions",
            "PutObject",
            "UploadPart",
        }
    ),
    "sqs": frozenset({"SendMessageBatch"}),
}
_PARTITIONS = ("aws", "aws-cn")
_KEPT = ("service-2.", "endpoint-rule-set-1.", "paginators-1.")


def cut(data: Path) -> None:
    """Cut the `botocore/data` folder in place."""
    for entry in sorted(data.iterdir()):
        if entry.is_dir() and entry.name not in OPERATIONS:
            shutil.rmtree(entry)
    for service, operations in OPERATIONS.items():
        versions = sorted(one for one in (data / service).iterdir() if one.is_dir())
        for old in versions[:-1]:
            shutil.rmtree(old)
        for file in sorted(versions[-1].iterdir()):
            _cut_file(file, operations)
    _cut_endpoints(data / "endpoints.json")


def _cut_file(file: Path, operations: frozenset[str]) -> None:
    if not file.name.startswith(_KEPT):
        file.unlink()
        return
    node = _read(file)
    file.unlink()
    if file.name.startswith("service-2.json"):
        node = _cut_model(node, operations)
    elif file.name.startswith("paginators-1.json"):
        node["pagination"] = {name: how for name, how in node["pagination"].items() if name in operations}
    _write(file.with_name(file.name.removesuffix(".gz")), _blank(node))


def _cut_model(model: dict[str, Node], operations: frozenset[str]) -> dict[str, Node]:
    missing = operations - model["operations"].keys()
    if missing:
        raise LookupError(", ".join(sorted(missing)))
    kept = {name: how for name, how in model["operations"].items() if name in operations}
    reached = _reached(model["shapes"], kept)
    shapes = {name: shape for name, shape in model["shapes"].items() if name in reached}
    return {**model, "operations": kept, "shapes": shapes}


def _reached(shapes: dict[str, Node], operations: dict[str, Node]) -> set[str]:
    """Find every shape that the operations use, however deep, and every error, which any of them may raise."""
    waiting = _names(operations) | {name for name, shape in shapes.items() if shape.get("exception")}
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting |= _names(shapes[name])
    return reached


def _names(node: Node) -> set[str]:
    if isinstance(node, list):
        return {name for one in node for name in _names(one)}
    if not isinstance(node, dict):
        return set()
    own = {node["shape"]} if isinstance(node.get("shape"), str) else set()
    return own | {name for one in node.values() for name in _names(one)}


def _blank(node: Node) -> Node:
    if isinstance(node, list):
        return [_blank(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: "" if name == "documentation" and isinstance(value, str) else _blank(value)
        for name, value in node.items()
    }


def _cut_endpoints(file: Path) -> None:
    node = _read(file)
    node["partitions"] = [one for one in node["partitions"] if one["partition"] in _PARTITIONS]
    for partition in node["partitions"]:
        services = partition["services"]
        partition["services"] = {name: services[name] for name in OPERATIONS if name in services}
    _write(file, node)


def _read(file: Path) -> dict[str, Node]:
    raw = file.read_bytes()
    loaded: dict[str, Node] = json.loads(gzip.decompress(raw) if file.suffix == ".gz" else raw)
    return loaded


def _write(file: Path, node: dict[str, Node]) -> None:
    file.write_text(json.dumps(node, separators=(",", ":")))

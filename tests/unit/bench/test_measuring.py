"""The parts that measure: what is played back, what counts as time, what counts as bytecode."""

import base64
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.bench import growth, packages, programs
from infra.bench.canned import Tape
from infra.bench.crowd import Crowd
from infra.bench.recording import Answer, actions, tape
from infra.bench.warm import _Clock
from infra.package.bytecode import compile_all, drop_sources

QUERY = "DynamoDB_20120810.Query"
KEYS = {"IndexName": "by_person", "ExpressionAttributeValues": {":k": {"S": "inbox"}}}


def test_a_tape_gives_answers_in_turn_by_what_is_asked_and_begins_again() -> None:
    answers = [Answer("A", 200, {"h": "1"}, b"first"), Answer("B", 200, {}, b"other"), Answer("A", 200, {}, b"second")]
    played = Tape(json.loads(tape(answers)))
    assert [played("A", b"")[2] for _ in range(3)] == [b"first", b"second", b"first"]
    assert played("B", b"") == (200, {}, b"other")
    assert played("C", b"")[0] == 500


def pages(crowd: Crowd, **more: Any) -> list[dict[str, Any]]:
    """Read the index of a crowd to its end."""
    found: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while not found or after:
        page = json.loads(crowd(QUERY, json.dumps({**KEYS, **more, **after}).encode())[2])
        found.append(page)
        after = {"ExclusiveStartKey": page["LastEvaluatedKey"]} if "LastEvaluatedKey" in page else {}
    return found


def test_a_crowd_has_each_row_once_whatever_the_page() -> None:
    crowd = Crowd("inbox", 25, {"person_id": {"S": "per_a"}})
    read = pages(crowd, Limit=10)
    keys = [row["sk"]["S"] for page in read for row in page["Items"]]
    assert (len(read), len(keys), len(set(keys))) == (3, 25, 25)
    assert pages(crowd, ExpressionAttributeValues={":k": {"S": "order"}})[0]["Items"] == []


def test_a_crowd_gives_rows_by_key() -> None:
    crowd = Crowd("inbox", 1, {"person_id": {"S": "per_a"}})
    asked = {"RequestItems": {"t": {"Keys": [{"pk": {"S": "a"}, "sk": {"S": "b"}}]}}}
    answer = json.loads(crowd("DynamoDB_20120810.BatchGetItem", json.dumps(asked).encode())[2])
    assert answer["Responses"]["t"] == [{"pk": {"S": "a"}, "sk": {"S": "b"}, "person_id": {"S": "per_a"}}]


def test_a_clock_counts_the_outermost_only() -> None:
    clock = _Clock()

    def work() -> None:
        until = time.process_time() + 0.01
        while time.process_time() < until:
            pass

    clock.around(clock.around(work))()
    assert 0.009 < clock.spent_s < 0.019


def test_points_on_a_line_fit_and_a_bend_does_not() -> None:
    assert growth.linearity({100: 1.0, 200: 2.0, 400: 4.0}) == pytest.approx(1.0)
    assert growth.linearity({100: 1.0, 200: 4.0, 400: 16.0, 800: 64.0}) < 0.99
    assert growth.slope({100: 1.5, 200: 2.5, 400: 4.5}) == pytest.approx(0.01)


def packed(folder: Path, into: Path) -> Path:
    with zipfile.ZipFile(into, "w") as zipped:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                zipped.write(file, str(file.relative_to(folder)))
    return into


def test_a_module_without_valid_bytecode_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    (folder / "package").mkdir(parents=True)
    for name in ("package/__init__.py", "package/module.py"):
        (folder / name).write_text("x = 1\n")
    assert packages.without_bytecode(packed(folder, tmp_path / "1.zip")) == ["package/__init__.py", "package/module.py"]
    compile_all(folder)
    assert packages.without_bytecode(packed(folder, tmp_path / "2.zip")) == []
    drop_sources(folder)
    assert packages.without_bytecode(packed(folder, tmp_path / "3.zip")) == []
    dated = folder / "package" / "module.pyc"
    dated.write_bytes(dated.read_bytes()[:4] + bytes(4) + dated.read_bytes()[8:])
    assert packages.without_bytecode(packed(folder, tmp_path / "4.zip")) == ["package/module.pyc"]


def test_every_single_write_of_a_batch_and_a_transaction_is_seen() -> None:
    from infra.bench.recording import Made

    key = {"pk": {"S": "a"}, "sk": {"S": "b"}}
    steps = [{"Put": {"TableName": "t", "Item": {**key, "x": {"S": "y"}}}}, {"Delete": {"TableName": "t", "Key": key}}]
    seen = actions(Made("dynamodb", "TransactWriteItems", {"TransactItems": steps}))
    assert [(verb, place) for verb, place, _ in seen] == [("Put", ("t", "a", "b")), ("Delete", ("t", "a", "b"))]
    batch = {"RequestItems": {"t": [{"DeleteRequest": {"Key": key}}, {"PutRequest": {"Item": key}}]}}
    assert [verb for verb, _, _ in actions(Made("dynamodb", "BatchWriteItem", batch))] == ["Delete", "Put"]
    assert actions(Made("dynamodb", "Query", {"TableName": "t"})) == []


def test_a_measured_program_sees_lambda_and_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "somebody")
    env = programs.surroundings(4711)
    assert "AWS_PROFILE" not in env
    assert env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4711"
    assert (env["LAMBDA_TASK_ROOT"], env["PYTHONHASHSEED"]) == ("/var/task", "0")


def test_a_canned_answer_survives_the_wire() -> None:
    (one,) = json.loads(tape([Answer("A", 200, {}, b"\x00\xff")]))
    assert base64.b64decode(one["body"]) == b"\x00\xff"

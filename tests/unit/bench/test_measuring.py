"""The parts that measure: what is played back, what counts as time, what counts as bytecode."""

import base64
import json
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from infra.bench import growth, lives, packages, passwords, programs, traces
from infra.bench.canned import Tape
from infra.bench.crowd import Crowd
from infra.bench.inside import Clock
from infra.bench.recording import Answer, actions, tape
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
    crowd = Crowd({"inbox": {"person_id": {"S": "per_a"}}}, 25)
    read = pages(crowd, Limit=10)
    keys = [row["sk"]["S"] for page in read for row in page["Items"]]
    assert (len(read), len(keys), len(set(keys))) == (3, 25, 25)
    assert pages(crowd, ExpressionAttributeValues={":k": {"S": "order"}})[0]["Items"] == []


def test_a_crowd_gives_rows_by_key() -> None:
    crowd = Crowd({"inbox": {"person_id": {"S": "per_a"}}, "order": {"state": {"S": "paid"}}}, 1)
    asked = {
        "RequestItems": {"t": {"Keys": [{"pk": {"S": "a"}, "sk": {"S": f"{kind}#1"}} for kind in ("order", "inbox")]}}
    }
    answer = json.loads(crowd("DynamoDB_20120810.BatchGetItem", json.dumps(asked).encode())[2])
    assert answer["Responses"]["t"] == [
        {"pk": {"S": "a"}, "sk": {"S": "order#1"}, "state": {"S": "paid"}},
        {"pk": {"S": "a"}, "sk": {"S": "inbox#1"}, "person_id": {"S": "per_a"}},
    ]


def test_a_crowd_tells_how_its_case_stands_in_turn() -> None:
    crowd = Crowd({}, 0, [{"step": {"S": "rows"}}, {"step": {"S": "settle"}}])
    told = [json.loads(crowd("DynamoDB_20120810.GetItem", b"{}")[2])["Item"]["step"]["S"] for _ in range(3)]
    assert told == ["rows", "settle", "rows"]


def test_a_clock_counts_the_outermost_only() -> None:
    clock = Clock()

    def work() -> None:
        until = time.process_time() + 0.01
        while time.process_time() < until:
            pass

    clock.around(clock.around(work))()
    assert 0.009 < clock.take() < 0.019
    assert clock.take() == 0.0


def test_counting_takes_its_own_time_off() -> None:
    clock = Clock()
    nothing = clock.around(lambda: None)
    spent = []
    for _ in range(9):
        for _ in range(1000):
            nothing()
        spent.append(clock.take())
    assert min(spent) < 1000 * 0.2e-6


def test_what_disturbs_one_turn_disturbs_both_and_falls_out() -> None:
    assert lives.fair([(1.1, 1.0), (2.2, 2.0), (1.1, 1.0), (9.9, 1.0), (1.1, 1.0)]) == (pytest.approx(1.1), 1.0)


def helped(_: object = None) -> int:
    """Take a little while, in the module that the profiler looks for."""
    return sum(range(20_000))


def test_a_profiler_finds_a_module_wherever_it_is_called_from() -> None:
    assert traces.spent_s(lambda: sorted([3, 2, 1], key=helped), __file__) > 0.0
    assert traces.spent_s(lambda: sorted([3, 2, 1]), __file__) == 0.0


@pytest.mark.parametrize(
    ("named", "work"),
    [
        ("argon2id$v=19$m=19456,t=2,p=1", 1.0),
        ("argon2id$v=19$m=19456,t=1,p=1", 0.5),
        ("argon2id$v=19$m=18000,t=2,p=1", pytest.approx(0.925, abs=1e-3)),
        ("argon2i$v=19$m=19456,t=2,p=1", 0.0),
    ],
)
def test_the_work_behind_a_digest_is_told_by_what_it_names(named: str, work: float) -> None:
    salt_and_hash = "2igoryg8HVUxxxHMuZ/vtg$boeYqCoSdZDgtPxnPvPjFSdFka5Dspuup0j7Sx/Tf54"
    assert passwords.work(f"${named}${salt_and_hash}") == work


def test_a_program_costs_the_same_twice_where_instructions_are_counted() -> None:
    command = [programs.BASE_PYTHON, "-S", "-P", "-c", "pass"]
    first, again = (programs.costs({"it": command}, programs.surroundings())["it"] for _ in range(2))
    assert first == pytest.approx(again, rel=0.001 if programs.VALGRIND else 1.0)
    assert first > (1_000_000 if programs.VALGRIND else 0.0)  # instructions, or seconds


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

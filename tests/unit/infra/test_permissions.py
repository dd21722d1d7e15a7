"""What a call needs, what a policy grants, and what happens to a function that goes further."""

import json
from pathlib import Path

import msgspec
import pytest

from infra import permissions
from infra.permissions import POLICIES, Grant, excused, granted, needed
from infra.permissions_prune import pruned, written
from tests.support import permissions as watch

CASES = [
    (
        ("dynamodb", "Query", {"TableName": "jule-test-trade", "IndexName": "due"}),
        {("dynamodb:Query", "table/trade/index/due")},
    ),
    (("dynamodb", "GetItem", {"TableName": "jule-test-people"}), {("dynamodb:GetItem", "table/people")}),
    (
        ("dynamodb", "BatchGetItem", {"RequestItems": {"jule-test-people": {}, "jule-test-keys": {}}}),
        {("dynamodb:BatchGetItem", "table/people"), ("dynamodb:BatchGetItem", "table/keys")},
    ),
    (
        (
            "dynamodb",
            "TransactWriteItems",
            {
                "TransactItems": [
                    {"Put": {"TableName": "jule-test-trade"}},
                    {"ConditionCheck": {"TableName": "jule-test-people"}},
                ]
            },
        ),
        {("dynamodb:PutItem", "table/trade"), ("dynamodb:ConditionCheckItem", "table/people")},
    ),
    (
        ("s3", "DeleteObjects", {"Bucket": "jule-test-media-0", "Delete": {"Objects": [{"VersionId": "1"}]}}),
        {("s3:DeleteObjectVersion", "bucket/media/*"), ("s3:DeleteObject", "bucket/media/*")},
    ),
    (
        ("s3", "ListObjectVersions", {"Bucket": "jule-test-exports-0"}),
        {("s3:ListBucketVersions", "bucket/exports")},
    ),
    (("s3", "UploadPart", {"Bucket": "jule-test-exports-0"}), {("s3:PutObject", "bucket/exports/*")}),
    (
        ("s3", "GetObject", {"Bucket": "jule-test-quarantine-0", "VersionId": "1"}),
        {("s3:GetObjectVersion", "bucket/quarantine/*")},
    ),
    (
        ("sqs", "SendMessageBatch", {"QueueUrl": "http://127.0.0.1:9/0/jule-test-notices"}),
        {("sqs:SendMessage", "queue/notices")},
    ),
    (("kms", "Sign", {"KeyId": "sign"}), {("kms:Sign", "key/sign")}),
]


@pytest.mark.parametrize(("call", "grants"), CASES, ids=[f"{call[0]} {call[1]}" for call, _ in CASES])
def test_a_call_needs_what_aws_asks_for_it(call: tuple, grants: set):
    assert set(needed(*call)) == grants


def test_a_policy_grants_what_it_says():
    may = granted("seal_evidence")
    assert Grant("kms:Sign", "key/sign") in may
    assert Grant("dynamodb:Query", "table/evidence/index/by_day") in may
    assert Grant("dynamodb:UpdateItem", "table/evidence") not in may


def test_every_resource_of_every_policy_is_understood():
    known = ("table/", "bucket/", "queue/", "key/", "log")
    for file in POLICIES.glob("*.json"):
        assert all(grant.resource.startswith(known) for grant in granted(file.stem))
        assert {grant.action for grant in granted(file.stem) if grant.resource == "log"} <= {
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        }


SIGN = Grant("kms:Sign", "key/sign")


@pytest.fixture
def sealer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Give a tree with one function's policy."""
    text = (POLICIES / "seal_evidence.json").read_text()
    (tmp_path / "seal_evidence.json").write_text(text)
    (tmp_path / "build").mkdir()
    monkeypatch.setattr(permissions, "POLICIES", tmp_path)
    monkeypatch.setattr(permissions, "ROOT", tmp_path)
    monkeypatch.setattr(permissions, "tree_hash", lambda: "this")
    return tmp_path


def ran(tree: Path, used: set[Grant], *, of: str = "this", whole: bool = True) -> None:
    record = permissions.Record(of, whole, {"seal_evidence": [tuple(one) for one in used]})
    (tree / permissions.USED).write_bytes(msgspec.json.encode(record))


def test_a_grant_that_nothing_used_is_refused_by_name(sealer: Path, capsys):
    ran(sealer, granted("seal_evidence") - {SIGN})
    assert permissions.main() == 1
    assert "seal_evidence: kms:Sign on key/sign\n" in capsys.readouterr().err
    ran(sealer, granted("seal_evidence"))
    assert permissions.main() == 0


@pytest.mark.parametrize("how", [{"whole": False}, {"of": "another"}])
def test_a_run_of_less_or_of_other_sources_refuses_nothing(sealer: Path, how: dict):
    assert permissions.main() == 0
    ran(sealer, set(), **how)
    assert permissions.main() == 0


def test_what_no_test_can_show_is_excused_with_a_reason():
    assert excused("process_media", Grant("s3:AbortMultipartUpload", "bucket/media/*"))
    assert not excused("process_media", Grant("s3:PutObject", "bucket/media/*"))
    assert excused("erase_person", Grant("dynamodb:BatchGetItem", "table/outbox"))
    assert not excused("resend_outbox", Grant("dynamodb:BatchGetItem", "table/outbox"))
    assert all(one.reason for one in permissions.UNSEEN)


def test_what_goes_on_with_an_erasure_needs_what_began_it():
    used = {"continue_erasures": [("kms:Sign", "key/sign")]}
    assert permissions.seen_of("erase_person", used) == {SIGN}
    assert permissions.seen_of("seal_evidence", used) == set()


class Run:
    """Stands for the configuration of a run."""

    def __init__(self, source: str = "TESTPATHS", **options: object) -> None:
        self.args_source = pytest.Config.ArgsSource[source]
        self._options = {"markexpr": "not soak", **options}

    def getoption(self, name: str, default: object = None) -> object:
        return self._options.get(name, default)


@pytest.mark.parametrize(
    "run",
    [Run("ARGS"), Run(keyword="orders"), Run(markexpr="promise"), Run(lf=True), Run(deselect=["x"]), Run(maxfail=1)],
)
def test_a_run_that_chooses_is_not_whole(run: Run):
    assert watch.is_whole(Run())
    assert not watch.is_whole(run)


def test_pruning_keeps_what_is_used_and_splits_what_is_used_differently():
    tables = [{"Fn::Sub": f"x:table/jule-${{Stage}}-{name}"} for name in ("trade", "cases", "people")]
    statement = {"Sid": "Rows", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": tables}
    used = {
        Grant("dynamodb:GetItem", "table/trade"),
        Grant("dynamodb:GetItem", "table/cases"),
        Grant("dynamodb:Query", "table/cases"),
    }
    first, second = pruned([statement], used.__contains__)
    assert (first["Sid"], first["Action"], first["Resource"]) == ("Rows", ["dynamodb:GetItem"], tables[:1])
    assert (second["Sid"], second["Action"], second["Resource"]) == ("Rows2", statement["Action"], tables[1:2])


@pytest.mark.parametrize("file", sorted(POLICIES.glob("*.json")), ids=lambda file: file.stem)
def test_a_policy_is_written_one_way(file):
    text = file.read_text()
    assert written(json.loads(text)["Statement"]) == text


def test_a_function_beyond_its_policy_is_caught():
    call = ("dynamodb", "DeleteItem", {"TableName": "jule-test-evidence"})
    watch.note(*call)
    with watch.running("seal_evidence"):
        watch.note(*call)
        watch.note("dynamodb", "PutItem", {"TableName": "jule-test-evidence"})
    assert watch.taken_refusals() == ["seal_evidence may not dynamodb:DeleteItem on table/evidence"]

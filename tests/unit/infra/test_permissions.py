"""What a call needs, what a policy grants, and what happens to a function that goes further."""

import json

import pytest

from infra import permissions
from infra.permissions import POLICIES, Grant, granted, needed, unused
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
        ("s3", "DeleteObjects", {"Bucket": "jule-test-media-0", "Delete": {"Objects": [{"VersionId": "1"}, {}]}}),
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


def test_a_grant_that_nothing_used_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path):
    (tmp_path / "seal_evidence.json").write_text((POLICIES / "seal_evidence.json").read_text())
    monkeypatch.setattr(permissions, "POLICIES", tmp_path)
    used = sorted(granted("seal_evidence") - {Grant("kms:Sign", "key/sign")})
    assert list(unused({"seal_evidence": [list(one) for one in used]})) == ["seal_evidence: kms:Sign on key/sign"]


def test_pruning_keeps_what_is_used_and_splits_what_is_used_differently():
    tables = [{"Fn::Sub": f"x:table/jule-${{Stage}}-{name}"} for name in ("trade", "cases", "people")]
    statement = {"Sid": "Rows", "Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": tables}
    used = {
        Grant("dynamodb:GetItem", "table/trade"),
        Grant("dynamodb:GetItem", "table/cases"),
        Grant("dynamodb:Query", "table/cases"),
    }
    first, second = pruned([statement], used)
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

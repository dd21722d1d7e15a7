"""Slimming: the models keep what is called and what botocore reads, and lose the rest."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from infra.package import botocore_data
from infra.package.slim import drop_unused, settle_shared


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(botocore_data, "OPERATIONS", {"sqs": frozenset({"Send"})})
    model = {
        "documentation": "<p>long</p>",
        "operations": {
            "Send": {"input": {"shape": "SendIn"}, "documentation": "long"},
            "Purge": {"input": {"shape": "PurgeIn"}},
        },
        "shapes": {
            "SendIn": {"type": "structure", "members": {"documentation": {"shape": "Text", "documentation": "long"}}},
            "PurgeIn": {"type": "structure"},
            "Text": {"type": "string"},
            "Throttled": {"type": "structure", "exception": True},
        },
    }
    endpoints = {"partitions": [{"partition": "aws-cn", "services": {"sqs": {}, "ec2": {}}}, {"partition": "aws-iso"}]}
    for name, node in {
        "sqs/2011-01-01/service-2.json.gz": model,
        "sqs/2012-11-05/service-2.json.gz": model,
        "sqs/2012-11-05/waiters-2.json": {},
        "sqs/2012-11-05/paginators-1.json": {"pagination": {"Purge": {}, "Send": {}}},
        "ec2/2016-11-15/service-2.json.gz": model,
        "endpoints.json": endpoints,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        raw = json.dumps(node).encode()
        (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return tmp_path


def _read(file: Path) -> Any:
    return json.loads(file.read_text())


def test_only_used_services_operations_and_shapes_stay(data: Path):
    botocore_data.cut(data)
    files = sorted(str(file.relative_to(data)) for file in data.rglob("*") if file.is_file())
    assert files == ["endpoints.json", "sqs/2012-11-05/paginators-1.json", "sqs/2012-11-05/service-2.json"]
    model = _read(data / "sqs/2012-11-05/service-2.json")
    assert model["operations"].keys() == {"Send"}
    assert model["shapes"].keys() == {"SendIn", "Text", "Throttled"}
    assert _read(data / "sqs/2012-11-05/paginators-1.json") == {"pagination": {"Send": {}}}
    assert _read(data / "endpoints.json") == {"partitions": [{"partition": "aws-cn", "services": {"sqs": {}}}]}


def test_documentation_is_blanked_and_a_member_of_that_name_stays(data: Path):
    botocore_data.cut(data)
    model = _read(data / "sqs/2012-11-05/service-2.json")
    assert model["documentation"] == model["operations"]["Send"]["documentation"] == ""
    assert model["shapes"]["SendIn"]["members"] == {"documentation": {"shape": "Text", "documentation": ""}}


def test_an_operation_that_does_not_exist_stops_the_build(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(botocore_data, "OPERATIONS", {"sqs": frozenset({"Sned"})})
    with pytest.raises(LookupError, match="Sned"):
        botocore_data.cut(data)


@pytest.mark.parametrize("last", ["3.1.189", "3.1.195"])
def test_a_file_that_several_wheels_bring_is_the_same_whoever_came_last(tmp_path: Path, last: str):
    for name in ("tencentcloud_sdk_python_common-3.1.195", "tencentcloud_sdk_python_ims-3.1.189"):
        (tmp_path / f"{name}.dist-info").mkdir()
    (tmp_path / "tencentcloud").mkdir()
    (tmp_path / "tencentcloud" / "__init__.py").write_text(f"# of a wheel\n__version__ = '{last}'\n")
    settle_shared(tmp_path)
    assert (tmp_path / "tencentcloud" / "__init__.py").read_text() == '__version__ = "3.1.195"\n'


def test_nothing_is_settled_where_nothing_is_shared(tmp_path: Path):
    settle_shared(tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_installers_and_type_checkers_read_goes(tmp_path: Path):
    for name in ("a/__init__.py", "a/b.pyi", "a/py.typed", "a.dist-info/METADATA", "pycparser/x.py", "a/data.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    drop_unused(tmp_path)
    left = sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*"))
    assert left == ["a", "a/__init__.py", "a/data.json"]

"""The package that is deployed: small, complete, the same from the same sources, and without what never runs."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from botocore import xform_name

from infra.package import bytecode
from infra.package.archive import pack, unpack
from infra.package.botocore_data import OPERATIONS
from infra.package.build import ROOT, Package, build

pytestmark = pytest.mark.timeout(600)  # the first build fetches every wheel

MOST_BYTES = 10_000_000
HASHED_UNCHECKED = 0b01
FOREIGN = {"boto3", "s3transfer", "pip", "setuptools", "wheel", "pytest", "moto", "mypy", "ruff", "hypothesis", "uv"}
FOREIGN |= {"pycparser", "tests", "infra", "docs", "inquirer", "yaml", "click"}
BY_PYNAMODB = {("dynamodb", name) for name in ("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query")}
BY_PYNAMODB |= {("dynamodb", name) for name in ("TransactGetItems", "TransactWriteItems")}


@pytest.fixture(scope="module")
def unpacked(package: Package, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("package")
    for file in package.zips:
        unpack(file, folder / file.stem)
    return {file.stem: folder / file.stem for file in package.zips}


def test_two_builds_are_the_same_bytes(package: Package, tmp_path: Path):
    again = build("test", out=tmp_path / "out", cache=tmp_path / "cache")
    for one, other in zip([package.template, *package.zips], [again.template, *again.zips], strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_a_zip_holds_nothing_of_its_making(tmp_path: Path):
    for folder, when in (("a", 1_000_000_000), ("b", 1_700_000_000)):
        for name in ("z.txt", "a.txt") if folder == "a" else ("a.txt", "z.txt"):
            file = tmp_path / folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(name)
            file.chmod(0o600 if folder == "a" else 0o755)
            os.utime(file, (when, when))
        pack(tmp_path / folder, tmp_path / f"{folder}.zip", root="python")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert zipfile.ZipFile(tmp_path / "a.zip").namelist() == ["python/a.txt", "python/z.txt"]


def test_code_and_its_layer_stay_below_ten_megabytes(package: Package):
    code, layer, _ = package.zips
    assert code.stat().st_size + layer.stat().st_size <= MOST_BYTES


def test_every_python_file_has_bytecode_that_needs_no_date(unpacked: dict[str, Path]):
    sources = list(unpacked["code"].rglob("*.py"))
    for source in sources:
        head = source.parent / "__pycache__" / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
        assert _header(head)[8:] == importlib.util.source_hash(source.read_bytes()), source
    assert len(list(unpacked["code"].rglob("*.pyc"))) == len(sources) > 0


def test_dependencies_are_bytecode_alone(unpacked: dict[str, Path]):
    for name in ("layer", "media-layer"):
        assert not list(unpacked[name].rglob("*.py"))
        assert all(_header(file) for file in unpacked[name].rglob("*.pyc"))
        assert next(unpacked[name].rglob("*.pyc")).parent.name != "__pycache__"


def _header(compiled: Path) -> bytes:
    head = compiled.read_bytes()[:16]
    assert head[:4] == importlib.util.MAGIC_NUMBER, compiled
    assert int.from_bytes(head[4:8], "little") == HASHED_UNCHECKED, compiled
    return head


def test_bytecode_of_the_same_source_is_the_same(tmp_path: Path):
    source = "NAMES = frozenset({'b', 'a', 'c', 'd'})\n\ndef ask(x):\n    return x in {'yes', 'no', 'maybe'}\n"
    made = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "m.py").write_text(source)
        bytecode.compile_all(tmp_path / folder)
        made.append(next((tmp_path / folder).rglob("*.pyc")).read_bytes())
    assert made[0] == made[1]


def test_a_file_that_does_not_compile_is_named_with_what_is_wrong(tmp_path: Path):
    (tmp_path / "rules.py").write_text("def ask(:\n")
    with pytest.raises(bytecode.SourceBroken, match=r'rules\.py", line 1') as broken:
        bytecode.compile_all(tmp_path)
    assert "invalid syntax" in str(broken.value)


def test_nothing_foreign_is_packed(unpacked: dict[str, Path]):
    for folder in unpacked.values():
        top = {one.stem for one in [*folder.iterdir(), *(folder / "python").glob("*")]}
        assert not top & FOREIGN
        assert not list(folder.rglob("*.dist-info"))
        assert not list(folder.rglob("tests"))
    assert sorted(one.name for one in (unpacked["code"] / "chalice").glob("*.py")) == ["__init__.py", "app.py"]


def test_pillow_is_in_its_own_layer_with_the_libraries_it_was_built_for(unpacked: dict[str, Path]):
    assert not (unpacked["layer"] / "python" / "PIL").exists()
    assert (unpacked["media-layer"] / "python" / "PIL" / "Image.pyc").exists()
    assert any((unpacked["media-layer"] / "python" / "pillow.libs").glob("libjpeg*"))


def test_all_that_is_imported_is_packed_and_every_call_reaches_the_wire(unpacked: dict[str, Path], tmp_path: Path):
    layers = [str(unpacked[name] / "python") for name in ("layer", "media-layer")]
    ran = subprocess.run(
        [sys.executable, "-I", "-S", ROOT / "tests" / "support" / "bare_imports.py", unpacked["code"], *layers],
        input=json.dumps({service: sorted(names) for service, names in OPERATIONS.items()}),
        env={"JULE_STAGE": "test", "LAMBDA_TASK_ROOT": "/var/task"},  # X-Ray makes a client elsewhere
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    said = json.loads(ran.stdout)
    ours = (str(unpacked["code"].parent), sysconfig.get_path("stdlib"), str(ROOT / "tests" / "support"))
    foreign = {name: file for name, file in said["files"].items() if file and not file.startswith(ours)}
    assert foreign == {}
    assert all(host.endswith(".cn-northwest-1.amazonaws.com.cn") for host in said["hosts"]["cn-northwest-1"])
    assert {host.split(".")[-4] for host in said["hosts"]["ap-southeast-1"]} == set(OPERATIONS)


def calls(file: Path) -> Iterator[tuple[str, str]]:
    """Find `client("s3").put_object(…)`, the same through a name, and operations named to a presigner."""
    tree, methods = ast.parse(file.read_text()), _methods()
    named = {
        target.id: service
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and (service := _client(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            of = node.func.value
            service = _client(of) or (named.get(of.id) if isinstance(of, ast.Name) else None)
            if service and node.func.attr == "generate_presigned_url":
                yield service, methods[service, ast.literal_eval(node.args[0])]
            elif service and (service, node.func.attr) in methods:
                yield service, methods[service, node.func.attr]
            elif service:
                assert node.func.attr == "generate_presigned_post", f"{file}: {node.func.attr}"
                yield service, "CreateBucket"  # botocore fills the form's address into its model


def _client(node: ast.AST) -> str | None:
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "client"
    return node.args[0].value if named and isinstance(node.args[0], ast.Constant) else None


def _methods() -> dict[tuple[str, str], str]:
    import botocore.session

    session = botocore.session.get_session()
    return {
        (service, xform_name(name)): name
        for service in OPERATIONS
        for name in session.get_service_model(service).operation_names
    }


def test_the_models_hold_the_operations_that_are_called_and_no_others():
    called = {call for file in (ROOT / "chalicelib").rglob("*.py") for call in calls(file)}
    kept = {(service, name) for service, names in OPERATIONS.items() for name in names}
    assert called <= kept
    assert kept <= called | BY_PYNAMODB

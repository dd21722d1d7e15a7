"""What deployed functions load comes from the package, its layers and the standard library, and from nowhere else."""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.local.stack import LocalStack
from infra.package.build import Package

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(300)]
PROBE = Path(__file__).parents[1] / "support" / "probe.py"
API, MEDIA = "api", "process_media"


class Copies:
    """Copies of deployed functions that tell what they load, with the same code, layers, role and environment."""

    def __init__(self, stack: LocalStack, package: Package) -> None:
        self._stack, self._lambda = stack, stack.client("lambda")
        code = io.BytesIO(package.zips[0].read_bytes())
        with zipfile.ZipFile(code, "a") as archive:
            archive.write(PROBE, "probe.py")
        self._code = code.getvalue()
        self.made: list[str] = []

    def ask(self, function: str, *also: str) -> dict[str, Any]:
        """Have a copy of a function import all it may need."""
        told = self._lambda.get_function_configuration(FunctionName=f"jule-{self._stack.stage}-{function}")
        name = f"probe-{function}"
        self._lambda.create_function(
            FunctionName=name,
            Runtime=told["Runtime"],
            Role=told["Role"],
            Handler="probe.look",
            Code={"ZipFile": self._code},
            Layers=[layer["Arn"] for layer in told["Layers"]],
            Environment=told["Environment"],
            Timeout=60,
        )
        self.made.append(name)
        event = {"module": told["Handler"].rpartition(".")[0], "also": also}
        answer = self._lambda.invoke(FunctionName=name, Payload=json.dumps(event))
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def remove(self) -> None:
        """Delete the copies."""
        for name in self.made:
            self._lambda.delete_function(FunctionName=name)


@pytest.fixture
def copies(stack: LocalStack, package: Package) -> Iterator[Copies]:
    given = Copies(stack, package)
    yield given
    given.remove()


@pytest.mark.parametrize(("function", "also"), [(API, ("app",)), ("erase_person", ()), (MEDIA, ("PIL.Image",))])
def test_every_module_comes_from_package_layer_or_standard_library(
    copies: Copies, stack: LocalStack, function: str, also: tuple[str, ...]
):
    said = copies.ask(function, *also)
    ours = str(stack.folder / "tmp")
    foreign = {
        name: file
        for name, file in said["files"].items()
        if not file.startswith((ours, f"{said['stdlib']}/lib/python3"))
    }
    assert foreign == {}
    assert not [file for file in said["files"].values() if "site-packages" in file and not file.startswith(ours)]
    assert said["files"]["chalicelib"].startswith(ours)
    assert said["files"]["botocore"].startswith(ours)
    assert ("PIL" in said["files"]) is (function == MEDIA)

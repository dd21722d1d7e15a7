"""Build the package of a stage: template, code, layers."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from . import archive, bytecode, layers, template

ROOT = Path(__file__).resolve().parents[2]
STAGES = ("local", "test", "prod")
_LINES = 6  # of a traceback: the last say where and what
_REGION = "cn-north-1"  # Chalice asks for one; nothing of it ends up in the template


class Package(msgspec.Struct, frozen=True):
    """A built package: a folder that holds a template and the zips it names."""

    folder: Path
    missing: list[str] = []

    @property
    def template(self) -> Path:
        """The final CloudFormation template (SAM transform)."""
        return self.folder / "template.json"

    @property
    def zips(self) -> list[Path]:
        """Code and layers, by the names that the template uses."""
        return [self.folder / name for name in ("code.zip", "layer.zip", "media-layer.zip")]


class ChaliceRefused(RuntimeError):
    """`chalice package` failed; carries what it said."""


def build(stage: str, *, project: Path = ROOT, out: Path | None = None, cache: Path | None = None) -> Package:
    """Build the package of a stage; one at a time on this machine.

    Args:
        stage: `local`, `test` or `prod`.
        project: folder with app.py, chalicelib, requirements and infra/resources.yaml.
        out: where the package goes; `build/<stage>` unless given.
        cache: where finished layers are kept; `build/cache` unless given.

    Raises:
        ChaliceRefused: Chalice can't package the application.
        SourceBroken: a file that packaging does not import has a syntax error.
        FunctionMissing: a function of the production template is not in the application.
    """
    folder = out or project / "build" / stage
    kept = cache or project / "build" / "cache"
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(project), tempfile.TemporaryDirectory() as work:
        raw = Path(work) / "raw"
        _run_chalice(project, stage, raw)
        layers.copy(layers.code_layer(raw / "layer-deployment.zip", kept), folder / "layer.zip")
        layers.copy(layers.media_layer(project / "requirements-media.txt", kept), folder / "media-layer.zip")
        _pack_code(raw / "deployment.zip", folder / "code.zip", Path(work) / "code")
        missing = template.finish(raw / "sam.yaml", folder / "template.json", stage)
    return Package(folder, missing)


def _run_chalice(project: Path, stage: str, raw: Path) -> None:
    command = [str(Path(sys.executable).with_name("chalice")), "package", "--stage", stage]
    command += ["--merge-template", "infra/resources.yaml", str(raw)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    ran = subprocess.run(
        command,
        cwd=project,
        env={
            **environment,
            "AWS_DEFAULT_REGION": _REGION,
            "PYTHONDONTWRITEBYTECODE": "1",
            "WEB_ORIGIN": template.WEB_ORIGIN,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        raise ChaliceRefused("\n".join((ran.stderr or ran.stdout).splitlines()[-_LINES:]))
    for old in (project / ".chalice" / "deployments").glob("appcode-*.zip"):
        old.unlink()


def _pack_code(source: Path, target: Path, work: Path) -> None:
    archive.unpack(source, work)
    for stray in work.rglob("__pycache__"):
        shutil.rmtree(stray)
    bytecode.compile_all(work)
    archive.pack(work, target)


@contextmanager
def _alone(project: Path) -> Iterator[None]:
    (project / "build").mkdir(exist_ok=True)
    with (project / "build" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

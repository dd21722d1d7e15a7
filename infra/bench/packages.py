"""The deployment package of the API: how large it is, whether its bytecode is valid, whether it repeats."""

import filecmp
import shutil
import zipfile
from importlib.util import MAGIC_NUMBER
from pathlib import Path

import msgspec

from ..package.build import ROOT, build
from .budgets import Verdicts

_SOURCES = (
    "app.py",
    "chalicelib",
    "requirements.txt",
    "requirements-media.txt",
    "infra/resources.yaml",
    "policies/iam",
)
_CHALICE = (".chalice/config.json", ".chalice/deployments")
_UNCHECKED_HASH = 1
_FLAGS = slice(4, 8)


class Unpacked(msgspec.Struct, frozen=True):
    """A package as the function finds it."""

    code: Path
    layer: Path


def judge(verdicts: Verdicts, folder: Path) -> Unpacked:
    """Build twice from copies of the sources, judge, and unpack."""
    first, second = (_built(folder / name) for name in ("first", "second"))
    names = ["code.zip", "layer.zip"]
    verdicts.ratio("package.mb", sum((first / name).stat().st_size for name in names) / 1e6)
    names.append("media-layer.zip")
    _, differ, missing = filecmp.cmpfiles(first, second, [*names, "template.json"], shallow=False)
    verdicts.ratio("package.differences", len(differ) + len(missing))
    verdicts.ratio("package.without_bytecode", sum(len(without_bytecode(first / name)) for name in names))
    unpacked = Unpacked(folder / "code", folder / "layer" / "python")
    for name, target in (("code.zip", folder / "code"), ("layer.zip", folder / "layer")):
        with zipfile.ZipFile(first / name) as zipped:
            zipped.extractall(target)
    return unpacked


def without_bytecode(package: Path) -> list[str]:
    """Name the modules of a zip that Python would have to compile, or look at the dates of, on every cold start."""
    with zipfile.ZipFile(package) as zipped:
        names = set(zipped.namelist())
        invalid = [name for name in names if name.endswith(".pyc") and not _valid(zipped.read(name))]
    compiled = {_module(name) for name in names if name.endswith(".pyc")}
    return sorted(invalid + [name for name in names if name.endswith(".py") and _module(name) not in compiled])


def _valid(content: bytes) -> bool:
    return content.startswith(MAGIC_NUMBER) and int.from_bytes(content[_FLAGS], "little") == _UNCHECKED_HASH


def _module(name: str) -> str:
    path = Path(name)
    folder = path.parent.parent if path.parent.name == "__pycache__" else path.parent
    return str(folder / path.name.split(".", 1)[0])


def _built(folder: Path) -> Path:
    """Copy the sources and build from the copy: code and layer anew, from wheels that were fetched before."""
    project = folder / "project"
    for name in (*_SOURCES, *_CHALICE):
        _copy(ROOT / name, project / name)
    for media in (ROOT / "build" / "cache").glob("media-layer-*.zip"):  # no part of the API's package
        _copy(media, folder / "cache" / media.name)
    build("local", project=project, out=folder / "out", cache=folder / "cache")
    return folder / "out"


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.exists():
        shutil.copy(source, target)

"""Layers: what changes only with the requirements, built once and kept until then."""

import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from chalice.deploy.packager import DependencyBuilder
from chalice.utils import OSUtils

from . import archive, botocore_data, bytecode, slim

ABI = "cp311"  # Chalice knows which wheels the runtime of this ABI can load
ROOT = "python"  # Chalice's own root is a site folder, which comes after whatever the runtime brings


def code_layer(chalice_layer: Path, cache: Path) -> Path:
    """Give the layer of all functions: Chalice's, slimmed, as bytecode alone, under `python/`."""

    def fill(site: Path) -> None:
        with_version = f"python/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
        archive.unpack(chalice_layer, site, below=with_version)
        slim.settle_shared(site)
        slim.drop_unused(site)
        botocore_data.cut(site / "botocore" / "data")

    return _once(cache / f"layer-{_recipe(chalice_layer)}.zip", fill)


def media_layer(requirements: Path, cache: Path) -> Path:
    """Give the media function's own layer, from its own requirements."""

    def fill(site: Path) -> None:
        DependencyBuilder(OSUtils()).build_site_packages(ABI, str(requirements), str(site))
        slim.drop_unused(site)

    return _once(cache / f"media-layer-{_recipe(requirements)}.zip", fill)


def _once(target: Path, fill: Callable[[Path], None]) -> Path:
    """Make a layer unless it is kept, and drop older ones of its name."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as work:
        site = Path(work) / "site"
        site.mkdir()
        fill(site)
        bytecode.compile_all(site)
        bytecode.drop_sources(site)
        archive.pack(site, target, root=ROOT)
    name = target.stem.rpartition("-")[0]
    for old in target.parent.glob(f"{name}-*.zip"):
        if old != target and old.stem.rpartition("-")[0] == name:
            old.unlink()
    return target


def _recipe(source: Path) -> str:
    """Digest all that a layer is made from: its source, how we slim, and which Python compiles it."""
    whole = hashlib.sha256(source.read_bytes())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        whole.update(module.read_bytes())
    whole.update(sys.version.encode())
    return whole.hexdigest()[:16]


def copy(layer: Path, target: Path) -> None:
    """Put a kept layer beside the template, in one step: another process may be reading the last one."""
    if not target.exists() or target.read_bytes() != layer.read_bytes():
        shutil.copyfile(layer, target.with_suffix(".part"))
        target.with_suffix(".part").replace(target)

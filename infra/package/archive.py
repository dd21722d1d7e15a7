"""Write zips that hold nothing of when, where or in which order they were made."""

import zipfile
from pathlib import Path

_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100644 << 16
_LEVEL = 9


def pack(folder: Path, target: Path, root: str = "") -> None:
    """Zip every file below a folder, sorted, without dates or owners.

    Args:
        folder: what to zip.
        target: the zip to write.
        root: folder inside the zip that everything lies in, such as `python`.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_suffix(".part")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as out:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                name = f"{root}/{file.relative_to(folder)}".lstrip("/")
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.external_attr, entry.compress_type = _MODE, zipfile.ZIP_DEFLATED
                out.writestr(entry, file.read_bytes())
    partial.replace(target)


def unpack(source: Path, folder: Path, below: str = "") -> None:
    """Unzip into a folder; with `below`, only what lies under that path, without the path."""
    prefix = f"{below}/" if below else ""
    with zipfile.ZipFile(source) as zipped:
        for name in zipped.namelist():
            if name.startswith(prefix) and not name.endswith("/"):
                file = folder / name.removeprefix(prefix)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(zipped.read(name))

"""Which files of the dependencies never run in Lambda."""

import shutil
from pathlib import Path

UNUSED = (
    "*.dist-info",  # what installers read
    "*.data",  # scripts
    "bin",
    "*-stubs",
    "pip",
    "setuptools",
    "pkg_resources",
    "wheel",
    "pycparser",  # cffi needs it, and itself, while compiling only; `_cffi_backend` is what runs
    "cffi",
    "certifi/tests",
    "dateutil/zoneinfo/*.tar.gz",  # the system has its own
    "botocore/cacert.pem",  # certifi has the same, and botocore prefers that
    "phonenumbers/shortdata/region_*.py",  # emergency and short numbers: we only take ordinary ones
    "tencentcloud/*/v2019*",  # versions of an API that we don't speak
    "tencentcloud/*/v20200713",
    "tencentcloud/**/*_async.py",
    "wechatpayv3/async_",
    "charset_normalizer/*.so",  # speed-ups with a Python twin beside them, for code that rarely runs
    "wrapt/*.so",
    "aws_xray_sdk/ext/[!_bru]*",  # only botocore is traced
    "aws_xray_sdk/ext/bottle",
)
_UNUSED_KINDS = frozenset({".pyi", ".typed", ".c", ".h", ".pyx", ".pxd", ".md", ".rst", ".pyc", ".a", ".exe"})


_SHARED = "tencentcloud/__init__.py"
_SHARED_OWNER = "tencentcloud_sdk_python_common-*.dist-info"


def settle_shared(site: Path) -> None:
    """Write the one file that several wheels bring, each with its own version in it, by the wheel it belongs to.

    Chalice unpacks wheels in the order of a set, so which of them came last would be chance.
    """
    for owner in site.glob(_SHARED_OWNER):
        version = owner.name.removesuffix(".dist-info").rpartition("-")[2]
        (site / _SHARED).write_text(f'__version__ = "{version}"\n')


def drop_unused(site: Path) -> None:
    """Delete from a folder of installed packages what is never imported or read."""
    for pattern in UNUSED:
        for found in sorted(site.glob(pattern)):
            shutil.rmtree(found) if found.is_dir() else found.unlink()
    for file in sorted(site.rglob("*")):
        if file.is_file() and (file.suffix in _UNUSED_KINDS or file.name == "py.typed"):
            file.unlink()
    for folder in sorted((f for f in site.rglob("*") if f.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()

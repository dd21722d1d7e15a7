"""The import contracts hold, and each notices a breach planted in a small house of the same plan."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOUNDATION = ("web", "work", "standing", "audit", "gateways", "store", "vault", "register", "kernel")
ROOMS = ("routes", "jobs", "service", "tables", "rules", "contracts", "errors")
DOMAINS = ("accounts", "catalog", "orders")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Build a house of empty rooms that keeps every contract."""
    top = tmp_path / "chalicelib"
    for name in (*DOMAINS, *(f"foundation/{part}" for part in FOUNDATION)):
        (top / name).mkdir(parents=True)
        (top / name / "__init__.py").touch()
    (top / "__init__.py").touch()
    (top / "foundation" / "__init__.py").touch()
    for domain in DOMAINS:
        for room in ROOMS:
            (top / domain / f"{room}.py").touch()
    _write(top, "orders/routes.py", "import chalice\nfrom . import service\n")
    _write(top, "orders/service.py", "from . import tables, rules\nfrom chalicelib.catalog import service as catalog\n")
    _write(top, "orders/tables.py", "from chalicelib.foundation.store import row\n")
    _write(top, "foundation/store/row.py", "import pynamodb\nimport botocore\n")
    _write(top, "foundation/gateways/sms.py", "import tencentcloud\n")
    (tmp_path / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return top


def _write(top: Path, room: str, text: str) -> None:
    (top / room).write_text(text)


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


PLANTED = [
    ("orders/utils.py", "", "chalicelib.orders.utils"),
    ("foundation/extra.py", "", "chalicelib.foundation.extra"),
    ("shipping/__init__.py", "", "chalicelib.shipping"),
    ("orders/service.py", "from chalicelib.catalog import tables\n", "must not import chalicelib.catalog.tables"),
    ("orders/routes.py", "from . import tables\n", "chalicelib.orders.routes must not import chalicelib.orders.tables"),
    ("orders/service.py", "import chalice\n", "chalicelib.orders.service must not import chalice"),
    ("accounts/service.py", "import boto3\n", "chalicelib.accounts.service must not import boto3"),
    ("orders/tables.py", "import botocore\n", "chalicelib.orders.tables must not import botocore"),
    ("orders/rules.py", "import pynamodb\n", "chalicelib.orders.rules -> pynamodb"),
    ("orders/rules.py", "from chalicelib.foundation.store import row\n", "chalicelib.foundation.store.row -> pynamodb"),
    ("orders/service.py", "import wechatpayv3\n", "chalicelib.orders.service must not import wechatpayv3"),
    ("catalog/service.py", "from chalicelib.orders import contracts\n", "chalicelib.catalog is not allowed to import"),
    ("orders/contracts.py", "from . import service\n", "chalicelib.orders.contracts is not allowed to import"),
    ("orders/jobs.py", "from . import routes\n", "chalicelib.orders.jobs is not allowed to import"),
    ("foundation/kernel/log.py", "import chalicelib.foundation.vault\n", "kernel is not allowed to import"),
    ("foundation/store/row.py", "import chalicelib.accounts.errors\n", "foundation is not allowed to import"),
]


def test_the_small_house_keeps_every_contract(house: Path):
    verdict = _lint(house.parent)
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize(("room", "text", "says"), PLANTED)
def test_a_planted_breach_is_noticed(house: Path, room: str, text: str, says: str):
    (house / room).parent.mkdir(exist_ok=True)
    _write(house, room, text)
    verdict = _lint(house.parent)
    assert verdict.returncode == 1
    assert says in " ".join(verdict.stdout.split())


def test_the_house_itself_keeps_every_contract():
    verdict = _lint(ROOT)
    assert verdict.returncode == 0, verdict.stdout

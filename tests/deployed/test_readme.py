"""What the README promises a newcomer: every setting is named, and the walk with curl runs from top to bottom."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from infra.local.ministack import ROOT
from infra.local.stack import LocalStack
from infra.local.template import load

README = (ROOT / "README.md").read_text()
WALK = re.compile(r"## One person's life with curl\n.*?```bash\n(.*?)```\n", re.DOTALL)


def section(title: str) -> str:
    return README.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_the_table_of_settings_names_every_parameter_and_every_variable():
    template = load(ROOT / "infra" / "resources.yaml")
    told = [template["Globals"]["Function"], *(one.get("Properties", {}) for one in template["Resources"].values())]
    variables = {name for one in told for name in one.get("Environment", {}).get("Variables", {})}
    named = set(re.findall(r"`([A-Za-z0-9_]+)`", section("Configuration")))
    assert set(template["Parameters"]) - named == set()
    assert variables - named == set()


@pytest.mark.deployed
@pytest.mark.timeout(600)
def test_the_walk_with_curl_runs_from_top_to_bottom(stack: LocalStack, tmp_path: Path):
    found = WALK.search(README)
    assert found is not None
    walk = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", found[1]],
        cwd=ROOT,
        env={**os.environ, "RUNNING": str(stack.folder / "running.json"), "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert walk.returncode == 0, walk.stdout + walk.stderr
    assert "found afterwards: 0" in walk.stdout
    assert "valid: signed with the key that was named" in walk.stdout
    copy = subprocess.run(
        ["python3", "-m", "zipfile", "-l", *map(str, tmp_path.glob("*/copy.zip"))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "index.html" in copy.stdout

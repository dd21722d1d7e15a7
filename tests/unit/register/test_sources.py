"""Reading the register's files: what is wrong in them is said by file and id."""

import pytest

from infra.register.broken import RegisterBroken
from infra.register.build import checked_register
from infra.register.sources import read_register

RETENTION = """
[retention.short]
title = "短"
title_en = "short"
period = "P1D"
start = "event.happened"
ending = "erase"
ground = "法"
ground_en = "law"
"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[retention.short]\ntitle = ", "bad.toml"),
        ("[things.one]\n", r"bad.toml: unknown section \[things\]"),
        (RETENTION, "retention.short is defined twice"),
        (RETENTION.replace("short]", "long]").replace('"erase"', '"burn"'), "Invalid enum value 'burn'"),
        (RETENTION.replace("short]", "long]").replace("ending", "end"), "retention"),
        (RETENTION.replace("short]", "long]") + "note = 'x'\n", "unknown field `note`"),
    ],
)
def test_a_file_that_is_no_register_is_refused(tmp_path, text, problem):
    (tmp_path / "a.toml").write_text(RETENTION, "utf-8")
    (tmp_path / "bad.toml").write_text(text, "utf-8")
    with pytest.raises(RegisterBroken, match=problem):
        read_register(tmp_path)


def test_files_add_up_in_order_of_ids(tmp_path):
    (tmp_path / "a.toml").write_text(RETENTION.replace("short]", "z]"), "utf-8")
    (tmp_path / "b.toml").write_text(RETENTION, "utf-8")
    assert list(read_register(tmp_path).retention) == ["short", "z"]


def test_everything_wrong_is_said_at_once(policies):
    file = policies / "register/accounts.toml"
    text = file.read_text("utf-8").replace('"K6"', '"Z9"').replace('retention = "profile.life"', 'retention = "nosuch"')
    file.write_text(text, "utf-8")
    with pytest.raises(RegisterBroken) as caught:
        checked_register(policies.parent)
    assert {problem.partition(": ")[2] for problem in caught.value.problems} >= {
        "unknown promise Z9",
        "unknown retention nosuch",
    }

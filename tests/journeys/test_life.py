"""One person's life over the deployed stack: the demo, step by step."""

from typing import Any

import pytest

from infra.demo.life import Step, Story, said_by
from infra.demo.play import STEPS
from infra.promises import promised, unknown

pytestmark = [pytest.mark.deployed, pytest.mark.timeout(600)]


def step_of(step: Step) -> Any:
    """Make a test case of a step, with the promises that it proves."""
    _, proves = said_by(step)
    return pytest.param(step, id=step.__name__, marks=pytest.mark.promise(*proves))


@pytest.mark.parametrize("step", [step_of(step) for step in STEPS])
def test_the_step_is_as_it_should_be(story: Story, step: Step):
    if step.__name__ not in story.outcomes:
        pytest.fail(f"not reached: {next(name for name, fault in story.outcomes.items() if fault)} went wrong")
    fault = story.outcomes[step.__name__]
    if fault is not None:
        raise fault


def test_every_step_says_what_it_proves():
    told = {step.__name__: set(said_by(step)[1]) for step in STEPS}
    assert all(told.values())
    assert unknown(promised(), [], told) == []

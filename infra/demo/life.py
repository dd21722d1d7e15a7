"""The state that one person's life leaves from step to step, and how a step is told."""

import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .world import Client, World, check, until

Step = Callable[["Life"], None]


class Life:
    """One person, somebody else, and the marks by which whatever is left of the first is found again."""

    def __init__(self, world: World) -> None:
        """Begin with nothing but a world."""
        mark = secrets.token_hex(4)
        self.world = world
        self.guest = Client(world.base_url, "web/1.0.0", f"guest-{mark}")
        self.person = Client(world.base_url, "wxmp/1.0.0", f"小米 14 {mark}")
        self.tablet = Client(world.base_url, "app/1.0.0", f"tablet-{mark}")
        self.other = Client(world.base_url, "app/1.0.0", f"other-{mark}")
        self.mark = mark
        self.mobile = f"138{secrets.randbelow(10**8):08d}"
        self.other_mobile = f"139{secrets.randbelow(10**8):08d}"
        self.password = f"moxing-{mark}-Aa"
        self.other_password = f"moxing-{mark}-Bb"
        self.canaries: dict[str, bytes] = {}
        self.passing: dict[str, bytes] = {}
        self.hidden: dict[str, bytes] = {}
        self.foreign: dict[str, bytes] = {}
        self.notes: list[str] = []
        self.ids: dict[str, str] = {}
        self.saved: dict[str, Any] = {}

    def plant(self, name: str, value: str) -> str:
        """Remember a value that must be in the copy, and nowhere after the erasure."""
        self.canaries[name] = value.encode()
        return value

    def pass_by(self, name: str, value: str) -> str:
        """Remember a value that may be gone before the copy is made, and must be nowhere after the erasure."""
        self.passing[name] = value.encode()
        return value

    def keep_out(self, name: str, value: str) -> str:
        """Remember a value of somebody else's, which must not be in this person's copy."""
        self.foreign[name] = value.encode()
        return value

    def secrets(self) -> dict[str, bytes]:
        """Give what must never lie anywhere: passwords, and every token that was handed out."""
        tokens = sorted(self.person.tokens | self.tablet.tokens)
        return self.hidden | {f"token {number}": token.encode() for number, token in enumerate(tokens)}

    def hide(self, name: str, value: str) -> str:
        """Remember a value that must never lie anywhere, not even in the copy."""
        self.hidden[name] = value.encode()
        return value

    def note(self, lines: list[str]) -> None:
        """Have lines told under the step that is being played."""
        self.notes += lines


class Story:
    """Tells the steps as they are played, with the promises each proves."""

    def __init__(self, life: Life) -> None:
        """Take the life to play."""
        self._life = life
        self.outcomes: dict[str, Exception | None] = {}

    def play(self, step: Step) -> None:
        """Play a step, and say what it is and what it proves."""
        what, proves = said_by(step)
        try:
            step(self._life)
        except Exception as fault:
            self.outcomes[step.__name__] = fault
            self._tell("FAILED", what, f"{type(fault).__name__}: {fault}")
            raise
        self.outcomes[step.__name__] = None
        self._tell("ok", what, ", ".join(proves))
        for line in self._life.notes:
            sys.stdout.write(f"           {line}\n")
        self._life.notes.clear()

    @staticmethod
    def _tell(outcome: str, what: str, proves: str) -> None:
        sys.stdout.write(f"  {outcome:6} {what}  [{proves}]\n")
        sys.stdout.flush()


def said_by(step: Step) -> tuple[str, list[str]]:
    """Read off a step's docstring what it is (first line) and which promises it proves (last line)."""
    lines = [line.strip() for line in (step.__doc__ or "").strip().split("\n")]
    return lines[0], lines[-1].removeprefix("Proves:").replace(",", " ").split()


def now() -> str:
    """Tell the time as clients write it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def agreement(client: Client) -> dict[str, Any]:
    """Fetch the policy in force as a client shows it, and answer that it was agreed to."""
    policy = client.want(200, "GET /v1/policies/current")
    text = next(t for t in policy["texts"] if t["language"] == "zh-CN")
    return {"version": policy["version"], "sha256": text["sha256"], "language": "zh-CN", "shown_at": now()}


def shown(client: Client, feature: str) -> dict[str, Any]:
    """Fetch a notice as a client shows it just in time."""
    notice = client.want(200, f"GET /v1/notices/{feature}")
    text = next(t for t in notice["texts"] if t["language"] == "zh-CN")
    return {
        "feature": feature,
        "version": notice["version"],
        "sha256": text["sha256"],
        "language": "zh-CN",
        "shown_at": now(),
    }


def agree(client: Client, feature: str, purpose: str) -> None:
    """Agree to one purpose after its notice."""
    client.want(200, "POST /v1/consents", {"purpose": purpose, "notice": shown(client, feature), "answer": "agree"})


def wait_for_notice(client: Client, template: str) -> dict[str, Any]:
    """Wait until a service message of a template is in the inbox, once."""
    found = until(f"notice {template}", lambda: notices(client, template))
    check(len(found) == 1, f"{len(found)} notices {template}")
    check(found[0]["title"], "a notice has a title")
    return found[0]


def notices(client: Client, template: str) -> list[dict[str, Any]]:
    """List the service messages of a template in the inbox."""
    page = client.want(200, "GET /v1/inbox?limit=100")
    return [message for message in page["data"] if message["template"] == template]

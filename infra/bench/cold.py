"""A fresh function's first answer, from the package as it is deployed."""

import sysconfig
from pathlib import Path

import msgspec

from .budgets import Verdicts
from .packages import Unpacked
from .programs import BASE_PYTHON, VALGRIND, Stand, costs, cpu_s, output
from .recording import Recording, tape

PRODUCT = "GET /v1/products/{product_id}"
SIGNED_IN = "GET /v1/orders/{order_id}"
_DOMAIN = "catalog"
_HERE = Path(__file__).parent
_PYTHON = [BASE_PYTHON, "-S", "-P"]
_ROUNDS = 9


def judge(verdicts: Verdicts, stand: Stand, package: Unpacked, *, recordings: dict[str, Recording]) -> None:
    """Judge a guest's and a signed-in person's first answer, and what domains cost that they do not use."""
    env = stand.env
    reference = [*_PYTHON, str(_HERE / "reference.py"), sysconfig.get_paths()["purelib"]]
    output(reference, {name: value for name, value in env.items() if name != "PYTHONDONTWRITEBYTECODE"})
    stand.server.load("tape", tape(recordings[PRODUCT].answers))
    programs = {
        "reference": reference,
        "product": _first(package, recordings[PRODUCT]),
        "alone": _first(package, recordings[PRODUCT], _DOMAIN),
    }
    cost = costs(programs, env)
    stand.server.load("tape", tape(recordings[SIGNED_IN].answers))
    cost |= costs({"signed in": _first(package, recordings[SIGNED_IN])}, env)
    how = "instructions" if VALGRIND else "median CPU"
    verdicts.ratio("cold.first_item", cost["product"] / cost["reference"], f"{PRODUCT}, by {how}")
    verdicts.ratio("cold.signed_in", cost["signed in"] / cost["reference"], f"{SIGNED_IN}, keys opened, by {how}")
    reference_ms = 1000 * min(cpu_s(reference, env) for _ in range(_ROUNDS))
    further = (cost["product"] - cost["alone"]) / cost["reference"] * reference_ms / (_domains() - 1)
    verdicts.ratio("cold.further_domain_ms", further, f"{_domains()} domains")


def _domains() -> int:
    import app

    return len({module.partition(".")[0] for module in app.ROUTES.values()})


def _first(package: Unpacked, recording: Recording, domain: str = "") -> list[str]:
    asked = package.code.parent / f"{recording.event['httpMethod']}-{len(recording.answers)}.json"
    asked.write_bytes(msgspec.json.encode(recording.event))
    command = [*_PYTHON, str(_HERE / "first.py"), str(package.code), str(package.layer), str(asked)]
    return [*command, domain] if domain else command

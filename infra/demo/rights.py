"""Steps 6 and 7: the copy of everything, and cancelling."""

import hashlib
import io
import json
import secrets
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from ..tree import ROOT
from . import scan
from .account import prove_again
from .life import Life, wait_for_notice
from .world import check, fetch, key, until


def fetch_copy(life: Life) -> None:
    """6  A copy of everything, handed over once, with every value of steps 2 to 5 and nobody else's.

    Proves: G1.1, J1.1, J2.1, J2.2, J2.3, N2.2
    """
    person = life.person
    life.saved["main key"] = scan.main_key(life.world, person.access)
    for number, index in enumerate(scan.blind_indexes(life.world, life.ids["person"])):
        life.plant(f"blind index {number}", index)
    person.keep(person.want(200, "POST /v1/sessions/refresh", {"refresh_token": person.refresh}))
    (session,) = person.want(200, "GET /v1/sessions")["data"]
    life.plant("session id", session["session_id"])
    person.refused("session.reauthentication_required", "POST /v1/requests/copies", Idempotency_Key=key())
    prove_again(person, life.password)
    request = person.want(202, "POST /v1/requests/copies", Idempotency_Key=key())["request_id"]
    life.other.refused("request.not_found", f"GET /v1/requests/{request}")
    wait_for_notice(person, "copy_ready")
    prove_again(person, life.password)
    handed = person.call("POST", f"/v1/requests/{request}/claim")
    check(handed.status == 303, f"the claim answered {handed.status}")  # noqa: PLR2004 - see other
    person.refused("rights.copy_claimed", f"POST /v1/requests/{request}/claim")
    _check_archive(life, fetch("GET", handed.headers["location"]).body)


def cancel_account(life: Life) -> None:
    """7a The preview says what blocks, what goes, what stays until when and why; the open order blocks.

    Proves: J7.1, J7.2, J7.4
    """
    person = life.person
    preview = person.want(200, "GET /v1/cancellation")
    check([b["code"] for b in preview["blocks"]] == ["order_open"], "the unpaid order blocks, and is named")
    prove_again(person, life.password)
    receipt = secrets.token_urlsafe(32)
    life.saved["receipt"] = receipt
    asked = {"plan_hash": preview["plan_hash"], "receipt": receipt}
    person.refused("rights.cancellation_blocked", "POST /v1/cancellation", asked)
    person.want(200, f"POST /v1/orders/{life.ids['open order']}/cancel", Idempotency_Key=key())
    preview = person.want(200, "GET /v1/cancellation")
    check(not preview["blocks"], "nothing blocks any more")
    stays = [line for line in preview["lines"] if line["outcome"] == "kept_in_part"]
    check(stays and all(line["until"] and line["ground"] for line in stays), "what stays has an end and a ground")
    life.saved["preview"] = preview
    person.refused("rights.plan_changed", "POST /v1/cancellation", {**asked, "plan_hash": "0" * 64})
    person.want(202, "POST /v1/cancellation", {**asked, "plan_hash": preview["plan_hash"]})
    person.refused("session.invalid", "GET /v1/accounts/me")


def check_certificate(life: Life) -> None:
    """7b Erased checkpoint by checkpoint; the certificate verifies offline and is about nobody.

    Proves: J3.2, J7.3, J11.3
    """
    asked = {"receipt": life.saved["receipt"]}

    def done() -> dict[str, Any] | None:
        found: dict[str, Any] = life.guest.want(200, "POST /v1/cancellation/certificates", asked)
        return found if found["state"] == "done" else None

    certificate = until("the erasure is finished", done, 240, every_s=3)
    _verify(life, certificate)
    statement = certificate["statement"].encode()
    said = json.loads(statement)
    check(said["found_afterwards"] == 0, "the check found nothing")
    kept = {line["kind"]: line for line in life.saved["preview"]["lines"] if line["outcome"] == "kept_in_part"}
    check({k["record"] for k in said["kept"]} == set(kept), "what stays is what the preview said")
    life.tablet.refused("accounts.login_failed", "POST /v1/sessions", {"login": life.mobile, "password": life.password})
    for name, canary in life.canaries.items():
        check(canary not in statement, f"the certificate carries {name}")


def _verify(life: Life, certificate: dict[str, Any]) -> None:
    """Verify as its holder would: offline, with the key that the house publishes, and not with the one beside it."""
    with tempfile.TemporaryDirectory() as folder:
        one, key_file = Path(folder) / "certificate.json", Path(folder) / "evidence-key.json"
        one.write_text(json.dumps(certificate))
        key_file.write_bytes(life.guest.call("GET", "/v1/evidence-key").body)
        command = [sys.executable, str(ROOT / "docs" / "verify_certificate.py"), str(one)]
        proved = subprocess.run([*command, str(key_file)], capture_output=True, text=True, check=False)
        check(proved.returncode == 0, f"the certificate does not verify: {proved.stdout}{proved.stderr}")
        alone = subprocess.run(command, capture_output=True, text=True, check=False)
        check("ORIGIN UNPROVEN" in alone.stdout and alone.returncode, "a key beside its statement proves nothing")


def _check_archive(life: Life, content: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(content))
    check(archive.testzip() is None, "the zip is whole")
    names = archive.namelist()
    check("index.html" in names, "there is a page for people")
    records = [r for n in names if n.endswith(".json") for r in json.loads(archive.read(n))["records"]]
    told = json.dumps(records, ensure_ascii=False).encode()
    for name, canary in life.canaries.items():
        check(canary in told, f"the copy lacks {name}")
    kinds = {record["kind"] for record in records}
    expected = {"session", "consent", "audit", "case", "case_message", "look"}
    check(expected <= kinds, f"sessions, consents, cases, looks and access records are in it: {sorted(kinds)}")
    everything = b"".join(archive.read(name) for name in names)
    for name, value in (life.foreign | life.secrets()).items():
        check(value not in everything, f"the copy carries {name}")
    check(any(n.startswith("pictures/") for n in names), "the picture is in it")
    life.saved["copy digest"] = hashlib.sha256(content).hexdigest()

"""Steps 6 to 8: the copy of everything, cancelling, the proof."""

import base64
import hashlib
import io
import json
import secrets
import zipfile
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from . import scan
from .account import prove_again
from .life import Life, wait_for_notice
from .world import check, fetch, key, until

NOT_TOLD = frozenset({"photo serial"})
"""What was taken away before anything was kept can't be in a copy."""


def fetch_copy(life: Life) -> None:
    """6  A copy of everything, handed over once, with every value of steps 2 to 5 and nobody else's.

    Proves: G1.1, J1.1, J2.1, J2.2, J2.3, N2.2
    """
    person = life.person
    life.saved["main key"] = scan.main_key(life.world, person.access)
    for number, index in enumerate(scan.blind_indexes(life.world, life.ids["person"])):
        life.plant(f"blind index {number}", index)
    person.access = person.want(200, "POST /v1/sessions/refresh", {"refresh_token": person.refresh})["access_token"]
    _refreshed(life)
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
    public = load_der_public_key(base64.b64decode(certificate["public_key"]))
    if not isinstance(public, EllipticCurvePublicKey):
        raise TypeError
    statement = certificate["statement"].encode()
    public.verify(base64.b64decode(certificate["signature"]), statement, ECDSA(SHA256()))
    said = json.loads(statement)
    check(said["found_afterwards"] == 0, "the check found nothing")
    kept = {line["kind"]: line for line in life.saved["preview"]["lines"] if line["outcome"] == "kept_in_part"}
    check({k["record"] for k in said["kept"]} == set(kept), "what stays is what the preview said")
    life.tablet.refused("accounts.login_failed", "POST /v1/sessions", {"login": life.mobile, "password": life.password})
    for name, canary in life.canaries.items():
        check(canary not in statement, f"the certificate carries {name}")


def prove_erasure(life: Life) -> None:
    """8  Every raw byte of the cloud is searched; nothing is left, and the saved key opens nothing.

    Proves: J3.2, J5.1, K2.2
    """
    found, kept = scan.search(life.world, life.canaries | life.hidden)
    check(not found, f"left behind: {found}")
    life.note([f"still there under a named retention: {line}" for line in kept])
    order = scan.check_kept_record(life.world, life.ids["order"])
    life.note([f"kept of the finished order: {', '.join(order)}"])
    key_id, main = life.saved["main key"]
    opened = scan.opened_by(life.world, key_id, main)
    check(not opened, f"the destroyed key still opens: {opened}")
    life.other.want(200, "GET /v1/accounts/me")


def _refreshed(life: Life) -> None:
    """Log in anew: the refresh just made was only for its access token."""
    log_in = {"login": life.mobile, "password": life.password}
    life.person.keep(life.person.want(201, "POST /v1/sessions", log_in))


def _check_archive(life: Life, content: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(content))
    check(archive.testzip() is None, "the zip is whole")
    names = archive.namelist()
    check("index.html" in names, "there is a page for people")
    records = [r for n in names if n.endswith(".json") for r in json.loads(archive.read(n))["records"]]
    told = json.dumps(records, ensure_ascii=False).encode()
    for name, canary in life.canaries.items():
        check(canary in told or name in NOT_TOLD, f"the copy lacks {name}")
    kinds = {record["kind"] for record in records}
    check({"session", "consent", "audit"} <= kinds, f"sessions, consents and access records are in it: {sorted(kinds)}")
    everything = b"".join(archive.read(name) for name in names)
    for foreign in (life.other_mobile, f"路人{life.mark}"):
        check(foreign.encode() not in everything, "somebody else's data is in the copy")
    for name, secret in life.hidden.items():
        check(secret not in everything, f"the copy carries {name}")
    check(any(n.startswith("pictures/") for n in names), "the picture is in it")
    life.saved["copy digest"] = hashlib.sha256(content).hexdigest()

"""What must hold for third-party services that people may log in to with an account of ours."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from chalicelib.foundation.register.model import Client, Register

PURPOSE = "account.outward_login"
SUBJECT = "link.subject"
_PLAIN = re.compile(r"https://[a-z0-9.-]+(/[A-Za-z0-9._~/-]*)?")
_HASH = re.compile(r"[0-9a-f]{64}")


def problems_of(register: Register) -> list[str]:
    """Return every contradiction, in the order of the ids."""
    return [problem for client in register.clients.values() for problem in _of(client, register)]


def recipients(register: Register) -> set[str]:
    """Return the recipients that fetch what they get, where no gateway sends to them."""
    return {client.recipient for client in register.clients.values()}


def _of(client: Client, register: Register) -> Iterator[str]:
    name = f"client {client.id}"
    recipient = register.recipients.get(client.recipient)
    if recipient is None:
        yield f"{name}: unknown recipient {client.recipient}"
    elif PURPOSE not in recipient.purposes or set(recipient.fields) != {*client.fields, SUBJECT}:
        yield f"{name}: recipient {client.recipient} must get exactly its fields and {SUBJECT}, for {PURPOSE}"
    for item_id in client.fields:
        if item_id not in register.items or PURPOSE not in register.items[item_id].purposes:
            yield f"{name}: {item_id} is no item that serves {PURPOSE}"
    if not client.redirect_uris or not all(map(_is_plain, (*client.redirect_uris, client.rules))):
        yield f"{name}: addresses must be https, without query, fragment, port or anybody's name"
    if client.confidential != bool(client.secrets_sha256) or not all(map(_HASH.fullmatch, client.secrets_sha256)):
        yield f"{name}: a confidential client has the SHA-256 of its secret, a public one has none"


def _is_plain(uri: str) -> bool:
    return bool(_PLAIN.fullmatch(uri)) and ".." not in urlsplit(uri).path

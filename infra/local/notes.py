"""What has been done to a state, noted in that state: whatever loses the one loses the other.

Secrets Manager holds the notes, since the local cloud writes a bucket's objects to disk before all else it knows.
"""

import hashlib
from typing import Any

from .deploy import client
from .ministack import Cloud


class Notes:
    """Which form of a thing was last done, by the name of the thing."""

    def __init__(self, cloud: Cloud) -> None:
        self._manager: Any = client(cloud, "secretsmanager")

    def has(self, name: str, form: str) -> bool:
        """Say whether the thing was done in just this form."""
        try:
            noted: str = self._manager.get_secret_value(SecretId=f"notes/{name}")["SecretString"]
        except self._manager.exceptions.ResourceNotFoundException:
            return False
        return noted == _digest(form)

    def note(self, name: str, form: str) -> None:
        """Note that the thing has been done in this form."""
        try:
            self._manager.put_secret_value(SecretId=f"notes/{name}", SecretString=_digest(form))
        except self._manager.exceptions.ResourceNotFoundException:
            self._manager.create_secret(Name=f"notes/{name}", SecretString=_digest(form))


def _digest(form: str) -> str:
    return hashlib.sha256(form.encode()).hexdigest()

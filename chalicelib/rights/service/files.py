"""The files of copies: named under one folder per person, so that all of them are found without any record."""

from collections.abc import Iterator
from itertools import chain

from ...foundation.gateways import objects
from ...foundation.kernel.ids import derived_id, new_id
from ...foundation.vault.wrapping import secret

BUCKET = "exports"


def new_file(reference: str) -> str:
    """Name a new file of a person, by their reference in the evidence."""
    return f"{_folder(reference)}{new_id('cpy')}.zip"


def remove_file(key: str) -> None:
    """Remove a file: all versions, and what was left of an upload. Safe to run twice."""
    objects.delete_all_versions(BUCKET, key)


def remove_files_of(reference: str) -> None:
    """Remove every file of a person, whether or not a record leads to it.

    A process killed between the last byte of a file and the record of it, while the account was being erased,
    leaves a file that nothing names.

    Keeps: J3.2
    """
    for key in set(files_of(reference)):
        remove_file(key)


def files_of(reference: str) -> Iterator[str]:
    """Name every file of a person that lies there: once for each version, delete marker and upload not ended."""
    folder = _folder(reference)
    yield from (key for key, _ in chain(objects.versions(BUCKET, folder), objects.uploads(BUCKET, folder)))


def _folder(reference: str) -> str:
    """Name a person's folder: nobody can derive it without our key, and it leads to nobody."""
    return f"copies/{derived_id('own', secret('copies'), reference)}/"

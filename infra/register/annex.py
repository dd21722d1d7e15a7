"""Writes annex 2 of a policy from the register: purposes, information, recipients, as tables."""

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.foundation.register.model import EVERYTHING, Item, Purpose, Recipient, Register, Retention


def annex(register: Register, lang: str) -> str:
    """Return the annex in one language, starting with its heading."""
    words = _words()[lang]
    parts = [
        words["heading"],
        words["intro"],
        words["purposes_heading"],
        table(words["purposes_columns"], _purposes(register, lang)),
        words["items_heading"],
        words["endings_intro"],
        table(words["items_columns"], _items(register, lang)),
        words["recipients_heading"],
        table(words["recipients_columns"], _recipients(register, lang)),
    ]
    return "\n\n".join(parts) + "\n"


def heading(lang: str) -> str:
    """Return the line that the annex starts with."""
    return str(_words()[lang]["heading"])


def table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table; a pipe inside a cell is escaped."""
    lines = [list(columns)]
    lines.append(["---"] * len(lines[0]))
    lines.extend([cell.replace("|", "\\|") for cell in row] for row in rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def title(entry: Purpose | Item | Recipient | Retention, lang: str) -> str:
    """Return an entry's title in a language."""
    return entry.title if lang == "zh-CN" else entry.title_en


def _purposes(register: Register, lang: str) -> Iterable[list[str]]:
    words = _words()[lang]
    for purpose in register.purposes.values():
        items = [title(item, lang) for item in register.items.values() if purpose.id in item.purposes]
        yield [
            title(purpose, lang),
            purpose.clause,
            words["grounds"][purpose.ground],
            words["essential" if purpose.essential else "additional"],
            words["joiner"].join(items),
        ]


def _items(register: Register, lang: str) -> Iterable[list[str]]:
    words = _words()[lang]
    for item in register.items.values():
        places = [words["places"][place] for place in item.held if words["places"][place]]
        kept = [*([words["sensitive"]] if item.sensitive else []), words["secrecy"][item.secrecy], *places]
        recipients = [title(register.recipients[name], lang) for name in item.recipients]
        yield [
            title(item, lang),
            title(register.retention[item.retention], lang),
            words["joiner"].join(kept),
            words["joiner"].join(recipients) or words["nobody"],
        ]


def _recipients(register: Register, lang: str) -> Iterable[list[str]]:
    words = _words()[lang]
    for recipient in register.recipients.values():
        if recipient.fields == (EVERYTHING,):
            fields = words["everything"]
        else:
            fields = words["joiner"].join(title(register.items[name], lang) for name in recipient.fields)
        duty = recipient.duty if lang == "zh-CN" else recipient.duty_en
        yield [title(recipient, lang), words["roles"][recipient.role], duty, fields, recipient.contact]


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("annex.toml").read_text("utf-8"))

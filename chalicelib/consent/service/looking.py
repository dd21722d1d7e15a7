"""Where a person's consents stand, and how they came about."""

from collections.abc import Iterable

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.kernel.paging import Page, open_cursor, seal_cursor
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.model import Purpose
from chalicelib.foundation.store.write import Write
from chalicelib.foundation.vault.wrapping import secret

from .. import rules, tables
from ..contracts import (
    BasicPurposeView,
    ConsentEntryView,
    ConsentListView,
    ConsentView,
    EachTimeView,
    HistoryQuery,
    HowView,
    NoticeNameView,
)
from ..tables import ConsentRow, ConsentStateRow
from .ledger import entry_id


def list_consents(call: Call) -> ConsentListView:
    """List every purpose: additional ones with their state, those asked each time, basic ones with why they stay.

    Keeps: A2.2, J6.3
    """
    asked = [p for p in lookup.purposes() if p.asks]
    states = tables.states_of(call.who.person_id)
    return ConsentListView(
        policy_version=call.who.policy_version,
        additional=[consent_view(call, p, states.get(p.id)) for p in asked if p.id not in rules.EACH_TIME],
        each_time=[_each_time_view(call, p) for p in asked if p.id in rules.EACH_TIME],
        basic=[_basic_view(call, p) for p in lookup.purposes() if not p.asks],
    )


def list_history(call: Call, asked: HistoryQuery) -> Page[ConsentEntryView]:
    """List the caller's ledger entries, newest first.

    Keeps: A3.3, J6.2, J11.2

    Raises:
        InvalidInput: the cursor is not one of this list and reader.
    """
    ref, key = call.who.ref, secret("cursor")
    scope = f"consents:{ref}"
    before = open_cursor(key, scope, asked.cursor)["sk"] if asked.cursor else ""
    rows, more = tables.history_of(ref, limit=asked.limit, before=before)
    return Page(
        data=[_entry_view(row) for row in rows],
        has_more=more,
        next_cursor=seal_cursor(key, scope, {"sk": rows[-1].sk}) if more else None,
    )


def consent_view(call: Call, purpose: Purpose, row: ConsentStateRow | None) -> ConsentView:
    """Show one additional purpose as it stands."""
    state = rules.state_of(purpose.id in call.who.consents, row.state if row else "")
    name = None
    if row is not None and row.feature and row.version and row.language:
        name = NoticeNameView(feature=row.feature, version=row.version, language=row.language)
    return ConsentView(
        purpose=purpose.id,
        title=_title(call, purpose),
        clause=purpose.clause,
        separate=purpose.separate,
        state=state,
        since=row.since if row else None,
        notice=name,
        withdraw=HowView(text=rules.HOW[call.language], method="DELETE", path=f"/v1/consents/{purpose.id}"),
    )


def _basic_view(call: Call, purpose: Purpose) -> BasicPurposeView:
    return BasicPurposeView(
        purpose=purpose.id,
        title=_title(call, purpose),
        clause=purpose.clause,
        ground=purpose.ground,
        reason=rules.REASONS[purpose.ground][call.language],
    )


def _each_time_view(call: Call, purpose: Purpose) -> EachTimeView:
    return EachTimeView(
        purpose=purpose.id,
        title=_title(call, purpose),
        clause=purpose.clause,
        separate=purpose.separate,
        how=rules.EACH_TIME[purpose.id][call.language],
    )


def _title(call: Call, purpose: Purpose) -> str:
    return purpose.title if call.language == "zh-CN" else purpose.title_en


def _entry_view(row: ConsentRow) -> ConsentEntryView:
    return ConsentEntryView(
        entry_id=entry_id(row),
        at=row.at,
        step=row.step,
        about=row.about,
        answer=row.answer,
        text=row.text_id,
        text_version=row.text_version,
        text_sha256=row.text_sha256,
        language=row.language,
        shown_at=row.shown_at,
        channel=row.channel,
        device=row.device,
        follows=row.follows,
        digest=row.digest,
    )


def declined_by(person_id: str) -> frozenset[str]:
    """Name the purposes that a person refused or withdrew, whatever they answered before."""
    return frozenset(p for p, row in tables.states_of(person_id).items() if row.state in {"refused", "withdrawn"})


def none_declined_by(person_id: str, purposes: Iterable[str], *, otherwise: type[Failure]) -> list[Write]:
    """Let a transaction pass only while a person has declined none of these, up to that very moment."""
    return [tables.not_declined(person_id, purpose, otherwise) for purpose in sorted(purposes)]

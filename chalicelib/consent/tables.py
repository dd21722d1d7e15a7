"""The consent ledger (append-only) and the present state of each additional purpose."""

from pynamodb.expressions.condition import Condition

from chalicelib.foundation.audit.evidence import EvidenceRow
from chalicelib.foundation.kernel.call import Person
from chalicelib.foundation.kernel.errors import Failure
from chalicelib.foundation.standing import access
from chalicelib.foundation.standing.rows import StandingRow
from chalicelib.foundation.store.attributes import Instant, Integer, Text
from chalicelib.foundation.store.declare import EPOCH, KEY, TIME, Ending, OnMerge, Personal
from chalicelib.foundation.store.row import Row, get, query
from chalicelib.foundation.store.write import Write, check, put

from .errors import StandingMoved

SK = "CONSENT#"


class ConsentRow(EvidenceRow, table="evidence", kind="consent"):
    """One step of one consent: `shown`, `answered` or `withdrawn`. `answered` names the entry it follows."""

    step = Text(Personal("consent.entry", Ending.KEEP))
    about = Text(Personal("consent.entry", Ending.KEEP))
    answer = Text(Personal("consent.entry", Ending.KEEP), null=True)
    text_id = Text(Personal("consent.notice", Ending.KEEP), null=True)
    text_version = Text(Personal("consent.notice", Ending.KEEP), null=True)
    text_sha256 = Text(Personal("consent.notice", Ending.KEEP), null=True)
    language = Text(Personal("consent.entry", Ending.KEEP), null=True)
    shown_at = Instant(Personal("consent.notice", Ending.KEEP), null=True)
    channel = Text(Personal("consent.entry", Ending.KEEP))
    device = Text(Personal("consent.device", Ending.KEEP), null=True)
    follows = Text(Personal("consent.entry", Ending.KEEP), null=True)


class ConsentStateRow(Row, table="people", kind="consent_state"):
    """Where one additional purpose stands, for the person to see; standing decides what is allowed."""

    on_merge = OnMerge.YIELD

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    purpose = Text(Personal("consent.state"))
    state = Text(Personal("consent.state"))
    since = Instant(TIME)
    feature = Text(Personal("consent.notice"), null=True)
    version = Text(Personal("consent.notice"), null=True)
    language = Text(Personal("consent.state"), null=True)
    shown_at = Instant(Personal("consent.notice"), null=True)


def state_of(person_id: str, purpose: str) -> ConsentStateRow | None:
    """Read where one purpose stands."""
    return get(ConsentStateRow, person_id, f"{SK}{purpose}")


def states_of(person_id: str) -> dict[str, ConsentStateRow]:
    """Read where every purpose stands that this person ever answered, by purpose."""
    rows, _ = query(ConsentStateRow, person_id, ConsentStateRow.sk.startswith(SK), strong=True)
    return {row.purpose: row for row in rows}


def replace_state(row: ConsentStateRow, seen: ConsentStateRow | None) -> Write:
    """Write where a purpose stands now, unless it moved since it was read."""
    unmoved = ConsentStateRow.kind.does_not_exist() if seen is None else ConsentStateRow.since == seen.since
    return put(row, unmoved, StandingMoved)


def allow(who: Person, purpose: str) -> Write:
    """Add a purpose to those agreed to, unless consents moved since standing was read."""
    return access.change(who, [StandingRow.consents.add({purpose})], _unmoved(who, purpose), otherwise=StandingMoved)


def disallow(who: Person, purpose: str) -> Write:
    """Take a purpose from those agreed to, unless consents moved since standing was read."""
    return access.change(who, [StandingRow.consents.delete({purpose})], _unmoved(who, purpose), otherwise=StandingMoved)


def not_declined(person_id: str, purpose: str, otherwise: type[Failure]) -> Write:
    """Let a transaction pass only while somebody has neither refused nor withdrawn a purpose."""
    fine = ConsentStateRow.kind.does_not_exist() | (ConsentStateRow.state == "agreed")
    return check((ConsentStateRow, person_id, f"{SK}{purpose}"), fine, otherwise)


def history_of(ref: str, *, limit: int, before: str) -> tuple[list[ConsentRow], bool]:
    """Read ledger entries, newest first, older than a sort key; says whether there are more."""
    after = {"pk": ref, "sk": before} if before else None
    kept = ConsentRow.sk.startswith(SK)
    rows, _ = query(ConsentRow, ref, kept, limit=limit + 1, forward=False, after=after, strong=True)
    return rows[:limit], len(rows) > limit


def _unmoved(who: Person, purpose: str) -> Condition:
    agreed = StandingRow.consents.contains(purpose)
    return agreed if purpose in who.consents else ~agreed

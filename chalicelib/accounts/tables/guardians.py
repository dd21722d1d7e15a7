"""Who answers for a minor, and what waits for a guardian, with every query and condition."""

from datetime import datetime

from ...foundation.kernel.errors import Busy, Failure
from ...foundation.store.attributes import Expiry, Instant, Integer, Text
from ...foundation.store.declare import EPOCH, EXPIRY, GUARD_RANK, KEY, STATE, TIME, OnMerge, Personal, Technical
from ...foundation.store.row import Row, get, query
from ...foundation.store.write import Write, delete, put, update

GUARDIAN = "GUARDIAN#"
WARD = "WARD#"
INVITATION = "INVITATION"
DECLARATION = "DECLARATION"


class GuardianRow(Row, table="people", kind="guardian"):
    """One guardian's answer for one minor, and how the guardian was verified. It goes with the minor's account.

    The guardian is there by their reference in the evidence, which dies with their own account. `stage` is the age that
    the answer is for.
    """

    on_merge = OnMerge.DROP

    pk = Text(Personal("account.person_id"), hash_key=True)
    sk = Text(Personal("minor.guardian", whose="other"), range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)
    guardianship_id = Text(Technical("random id of what is between the two"))
    stage = Text(Personal("minor.guarded"))
    answer = Text(Personal("minor.guarded"))
    answered_at = Instant(TIME)
    method = Text(Personal("minor.proof"))
    result = Text(Personal("minor.proof"))
    verified_at = Instant(Personal("minor.proof"))
    digest = Text(Personal("minor.guardian", whose="other"))


class WardRow(Row, table="people", kind="ward"):
    """That a guardian answers for somebody, found from the guardian's side; it too goes with the minor's account."""

    on_merge = OnMerge.DROP

    told = False
    erase_rank = GUARD_RANK

    pk = Text(Personal("minor.guardian", whose="other"), hash_key=True)
    sk = Text(Personal("minor.guardian"), range_key=True)
    person_id = Text(Personal("account.person_id"))
    epoch = Integer(EPOCH)


class InvitationRow(Row, table="ephemeral", kind="guardian_invitation"):
    """What a minor hands to a guardian, known by digest only; of an account, or of a number that has none yet."""

    on_merge = OnMerge.DROP

    told = False

    pk = Text(Personal("minor.invitation"), hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    epoch = Integer(EPOCH, null=True)
    declared_by = Text(Personal("account.mobile_index"), null=True)
    until = Instant(TIME)
    expires_at = Expiry(EXPIRY)


class DeclarationRow(Row, table="ephemeral", kind="child_declaration"):
    """That somebody without an account said, by a proved number, to be under 14: all that is kept meanwhile.

    Once one has agreed, it also holds how that guardian was verified, for the account to be.
    """

    on_merge = OnMerge.DROP

    pk = Text(Personal("account.mobile_index"), hash_key=True)
    sk = Text(KEY, range_key=True)
    version = Integer(STATE)
    child_until = Instant(Personal("minor.age"))
    minor_until = Instant(Personal("minor.age"))
    guardian = Text(Personal("minor.guardian", whose="other"), null=True)
    guardianship_id = Text(Technical("random id of what is between the two"), null=True)
    answer = Text(Personal("minor.guarded"), null=True)
    answered_at = Instant(TIME, null=True)
    method = Text(Personal("minor.proof"), null=True)
    result = Text(Personal("minor.proof"), null=True)
    verified_at = Instant(Personal("minor.proof"), null=True)
    digest = Text(Personal("minor.guardian", whose="other"), null=True)
    until = Instant(TIME)
    expires_at = Expiry(EXPIRY)


def guardians_of(person_id: str) -> list[GuardianRow]:
    """Read every guardian's answer for somebody."""
    rows, _ = query(GuardianRow, person_id, GuardianRow.sk.startswith(GUARDIAN), strong=True)
    return rows


def guardian_of(person_id: str, reference: str) -> GuardianRow | None:
    """Read one guardian's answer."""
    return get(GuardianRow, person_id, f"{GUARDIAN}{reference}")


def wards_of(reference: str) -> list[str]:
    """Name those whom a guardian answers for."""
    rows, _ = query(WardRow, _wards(reference), WardRow.sk.startswith(WARD), strong=True)
    return [row.person_id for row in rows]


def keep_answer(row: GuardianRow, seen: GuardianRow | None) -> list[Write]:
    """Keep a guardian's answer, only in place of the one that was read."""
    unchanged = GuardianRow.kind.does_not_exist()
    if seen is not None:
        unchanged = (GuardianRow.answer == seen.answer) & (GuardianRow.answered_at == seen.answered_at)
    reference = row.sk.removeprefix(GUARDIAN)
    ward = WardRow(pk=_wards(reference), sk=f"{WARD}{row.pk}", person_id=row.person_id, epoch=row.epoch)
    return [put(row, unchanged, Busy(retry_after_s=1)), put(ward)]


def take_over(row: GuardianRow, before: GuardianRow) -> list[Write]:
    """Keep an answer under another reference of the same guardian, only while it is what was read."""
    same = (GuardianRow.answer == before.answer) & (GuardianRow.answered_at == before.answered_at)
    ward = (WardRow, _wards(before.sk.removeprefix(GUARDIAN)), f"{WARD}{before.pk}")
    return [delete(before, same, Busy(retry_after_s=1)), delete(ward), *keep_answer(row, None)]


def overrule(row: GuardianRow, now: datetime) -> Write:
    """Have an answer count no more, only while it is what was read."""
    same = (GuardianRow.answer == row.answer) & (GuardianRow.answered_at == row.answered_at)
    said = [GuardianRow.answer.set("overruled"), GuardianRow.answered_at.set(now)]
    return update(row, said, same, otherwise=Busy(retry_after_s=1))


def drop_guardian(row: GuardianRow) -> list[Write]:
    """Remove what is between a guardian and somebody who is of age."""
    reference = row.sk.removeprefix(GUARDIAN)
    return [delete(row), delete((WardRow, _wards(reference), f"{WARD}{row.pk}"))]


def invitation_place(digest: str) -> tuple[type[InvitationRow], str, str]:
    """Give the key of an invitation."""
    return InvitationRow, f"GUARDIAN#{digest}", INVITATION


def use_invitation(row: InvitationRow, now: datetime, otherwise: type[Failure]) -> Write:
    """Use an invitation up, within the transaction that it allows."""
    return delete(row, InvitationRow.until > now, otherwise)


def declaration_place(index: str) -> tuple[type[DeclarationRow], str, str]:
    """Give the key of what a number without an account declared."""
    return DeclarationRow, f"CHILD#{index}", DECLARATION


def declaration_of(index: str, now: datetime) -> DeclarationRow | None:
    """Read what a number declared, unless it is over."""
    row = get(*declaration_place(index))
    return row if row is not None and row.until > now else None


def new_declaration(row: DeclarationRow, now: datetime) -> Write:
    """Keep a declaration where there is none any more."""
    over = DeclarationRow.kind.does_not_exist() | (DeclarationRow.until <= now)
    return put(row, over, Busy(retry_after_s=1))


def answer_declaration(row: DeclarationRow, version: int) -> Write:
    """Note a guardian's answer to a declaration, only while it is what was read."""
    return put(row, DeclarationRow.version == version, Busy(retry_after_s=1))


def use_declaration(row: DeclarationRow, otherwise: type[Failure]) -> Write:
    """Use a declaration up, with the account that it allows."""
    return delete(row, (DeclarationRow.version == row.version) & (DeclarationRow.answer == "agreed"), otherwise)


def _wards(reference: str) -> str:
    return f"WARDS#{reference}"

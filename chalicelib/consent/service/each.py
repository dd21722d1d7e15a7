"""Consents that are asked for one recipient at a time: what another domain joins to the transaction that links it."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.write import Write

from .. import tables
from ..tables import ConsentStateRow
from .ledger import TextShown, answer_writes, withdrawal_write


def agree_writes(call: Call, purpose: str, whom: str, *, text: TextShown) -> list[Write]:
    """Record that a purpose was agreed to for one recipient; the first such agreement turns the purpose on.

    The writes take the fence's place: they pass only while the person may act and standing is what was read.

    Keeps: A2.2, A3.3, H3
    """
    told = answer_writes(call, call.who.ref, _about(purpose, whom), answer="agree", text=text)
    if purpose in call.who.consents:
        return [access.agreed(call.who, purpose), *told]
    seen = tables.state_of(call.who.person_id, purpose)
    return [tables.allow(call.who, purpose), tables.replace_state(_state(call, purpose, text), seen), *told]


def refuse_writes(call: Call, purpose: str, whom: str, *, text: TextShown) -> list[Write]:
    """Record that a purpose was refused for one recipient; what was agreed to for others stays.

    Keeps: A2.3, A3.3
    """
    return answer_writes(call, call.who.ref, _about(purpose, whom), answer="refuse", text=text)


def withdraw_writes(call: Call, purpose: str, whom: str, *, last: bool) -> list[Write]:
    """Record that consent for one recipient was withdrawn; with the last of them the purpose is off.

    Keeps: J6.1, J6.2
    """
    told = [withdrawal_write(call, call.who.ref, _about(purpose, whom))]
    if not last or purpose not in call.who.consents:
        return told
    seen = tables.state_of(call.who.person_id, purpose)
    return [tables.disallow(call.who, purpose), tables.replace_state(_state(call, purpose), seen), *told]


def _about(purpose: str, whom: str) -> str:
    return f"{purpose}:{whom}"


def _state(call: Call, purpose: str, text: TextShown | None = None) -> ConsentStateRow:
    return ConsentStateRow(
        pk=call.who.person_id,
        sk=f"{tables.SK}{purpose}",
        person_id=call.who.person_id,
        epoch=call.who.epoch,
        purpose=purpose,
        state="withdrawn" if text is None else "agreed",
        since=call.now,
        feature=purpose if text else None,
        version=text.version if text else None,
        language=text.language if text else None,
        shown_at=text.shown_at if text else None,
    )

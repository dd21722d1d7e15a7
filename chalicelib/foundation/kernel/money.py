"""Money is whole fen and a currency; there is no float on the way."""

from typing import Annotated, Final

import msgspec

CURRENCY: Final = "CNY"
Fen = Annotated[int, msgspec.Meta(ge=0, le=100_000_000_00, description="Amount in fen, a hundredth of a yuan.")]


class Money(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An amount as the API shows it."""

    amount_fen: Fen
    currency: str = CURRENCY

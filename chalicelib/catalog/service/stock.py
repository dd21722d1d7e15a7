"""Quotes, and moves of stock as writes that join an order's transaction.

Every move is conditional on what it takes from, so no interleaving drives a count below zero. None can happen twice
either: each joins the one transaction that changes the order's state, which passes once.
"""

from collections.abc import Sequence

from chalicelib.foundation.kernel.errors import FieldError
from chalicelib.foundation.store.write import Write

from .. import tables
from ..contracts import Quoted, Wanted
from ..errors import NeedsMore, OutOfStock, StockMoved, VariantUnknown


def quote(wanted: Sequence[Wanted]) -> list[Quoted]:
    """Give the price of each line now, read strongly in one call.

    Raises:
        VariantUnknown: no such variant.
        NeedsMore: these goods ask for more than a recipient.
        OutOfStock: not so many left.
    """
    rows = tables.variants([line.variant_id for line in wanted], strong=True)
    quoted: list[Quoted] = []
    for number, (line, row) in enumerate(zip(wanted, rows, strict=True)):
        if row is None:
            raise VariantUnknown((FieldError(f"/lines/{number}/variant_id", "unknown"),))
        if row.asks:
            raise NeedsMore((FieldError(f"/lines/{number}/variant_id", "needs_more"),))
        if row.available < line.quantity:
            raise OutOfStock((FieldError(f"/lines/{number}/quantity", "out_of_stock"),))
        quoted.append(Quoted(row.pk, row.product_id, row.product_title, row.title, line.quantity, row.price_fen))
    return quoted


def reserve_writes(lines: Sequence[Quoted]) -> list[Write]:
    """Hold stock for an order, at the quoted prices or not at all (`StockMoved`)."""
    return [
        tables.move(
            one.variant_id,
            one.quantity,
            take="available",
            give="held",
            price_fen=one.price_fen,
            otherwise=StockMoved,
        )
        for one in lines
    ]


def release_writes(lines: Sequence[Wanted]) -> list[Write]:
    """Give back what an order held."""
    return _moves(lines, take="held", give="available")


def sell_writes(lines: Sequence[Wanted]) -> list[Write]:
    """Turn what an order held into sold."""
    return _moves(lines, take="held", give="sold")


def sell_again_writes(lines: Sequence[Wanted]) -> list[Write]:
    """Sell what an order had given back, if it is still there (`StockMoved`)."""
    return [
        tables.move(one.variant_id, one.quantity, take="available", give="sold", otherwise=StockMoved) for one in lines
    ]


def take_back_writes(lines: Sequence[Wanted]) -> list[Write]:
    """Put goods that were sold but never sent on sale again."""
    return _moves(lines, take="sold", give="available")


def _moves(lines: Sequence[Wanted], *, take: str, give: str) -> list[Write]:
    return [tables.move(one.variant_id, one.quantity, take=take, give=give) for one in lines]

"""Looking at goods, which needs no account and leaves no trace."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.kernel.money import Money
from chalicelib.foundation.kernel.paging import Page, open_cursor, seal_cursor
from chalicelib.foundation.kernel.words import query_tokens
from chalicelib.foundation.vault.wrapping import secret

from .. import rules, tables
from ..contracts import Browse, ProductCard, ProductView, VariantView

LOOKED_AT = 500
QUERIES = 2


def list_products(_call: Call, asked: Browse) -> Page[ProductCard]:
    """List products newest first: all, or those that match every word asked for.

    Keeps: A1.1

    Raises:
        InvalidInput: the cursor is of another list.
    """
    scope = f"products?{asked.q}"
    after = open_cursor(secret("cursor"), scope, asked.cursor) if asked.cursor else None
    rows, last = _search(asked, after) if asked.q.strip() else _all(asked.limit, after)
    cursor = seal_cursor(secret("cursor"), scope, last) if last else None
    return Page([_card(row) for row in rows], has_more=cursor is not None, next_cursor=cursor)


def show_product(_call: Call, product_id: str) -> ProductView:
    """Show a product with its variants, prices and stock.

    Keeps: A1.1, D1.2

    Raises:
        NotFound: no such product.
    """
    row = tables.product(product_id)
    if row is None:
        raise NotFound
    found = tables.variants(row.variant_ids, strong=False)
    return ProductView(
        product_id=row.pk,
        title=row.title,
        description=row.description,
        brand=row.brand,
        category=row.category,
        asks=row.asks,
        variants=[
            VariantView(
                variant_id=one.pk,
                title=one.title,
                price=Money(one.price_fen),
                stock=rules.stock_state(one.available),
            )
            for one in found
            if one is not None
        ],
    )


def _all(limit: int, after: dict[str, str] | None) -> tuple[list[tables.ProductRow], dict[str, str] | None]:
    rows = tables.listed(limit + 1, after)
    if len(rows) <= limit:
        return rows, None
    end = rows[limit - 1]
    return rows[:limit], {"pk": end.pk, "sk": end.sk, "list_key": end.list_key, "list_at": end.list_at}


def _search(asked: Browse, after: dict[str, str] | None) -> tuple[list[tables.ProductRow], dict[str, str] | None]:
    """Find products in at most three calls; a page of a common word with a rare one may be short."""
    tokens = query_tokens(asked.q)
    if not tokens:
        return [], None
    found: list[tuple[str, str]] = []
    for _ in range(QUERIES):
        looked_at = LOOKED_AT if len(tokens) > 1 else asked.limit + 1
        matches, after = tables.postings(tokens, looked_at, after)
        found += matches
        if after is None or len(found) > asked.limit:
            break
    if len(found) > asked.limit:
        found = found[: asked.limit]
        after = {"pk": f"TOKEN#{tokens[0]}", "sk": found[-1][0]}
    return tables.products([product_id for _, product_id in found]) if found else [], after


def _card(row: tables.ProductRow) -> ProductCard:
    return ProductCard(
        product_id=row.pk,
        title=row.title,
        brand=row.brand,
        category=row.category,
        price_from=Money(row.price_from_fen),
    )

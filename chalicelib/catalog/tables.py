"""Rows of the table `catalog`: products, variants with their stock, and the postings of search."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pynamodb.indexes import AllProjection, GlobalSecondaryIndex

from chalicelib.foundation.kernel.config import config
from chalicelib.foundation.store.attributes import Integer, Json, Text
from chalicelib.foundation.store.declare import INDEX, KEY, Technical
from chalicelib.foundation.store.row import Row, get, query_index, rows_by_key
from chalicelib.foundation.store.write import Refusal, Write, commit, put, put_new, update
from chalicelib.foundation.vault.clients import client

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

GOODS = Technical("about goods, not about people")
ALL = "PRODUCTS"
PRODUCT, VARIANT = "PRODUCT", "VARIANT"


class Listing(GlobalSecondaryIndex[Any]):
    """Every product on sale, by time of listing."""

    class Meta:
        """Name and projection as in the template."""

        index_name = "listing"
        projection = AllProjection()

    list_key = Text(INDEX, hash_key=True)
    list_at = Text(INDEX, range_key=True)


class ProductRow(Row, table="catalog", kind="product"):
    """A product; what may be bought of it are its variants."""

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    title = Text(GOODS)
    description = Text(GOODS)
    brand = Text(GOODS)
    category = Text(GOODS)
    asks = Json(GOODS)
    variant_ids = Json(GOODS)
    price_from_fen = Integer(GOODS)
    digest = Text(Technical("digest of the catalogue file's entry, so that loading again is free"))
    list_key = Text(INDEX)
    list_at = Text(INDEX)

    listing = Listing()


class VariantRow(Row, table="catalog", kind="variant"):
    """A variant with price and stock in one item, so that one condition covers both.

    Always `available + held + sold == total`, and none of them below zero.
    """

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    product_id = Text(GOODS)
    product_title = Text(GOODS)
    title = Text(GOODS)
    asks = Json(GOODS)
    price_fen = Integer(GOODS)
    available = Integer(GOODS)
    held = Integer(GOODS)
    sold = Integer(GOODS)
    total = Integer(GOODS)


class PostingRow(Row, table="catalog", kind="posting"):
    """That a product is found under a token; `tokens` are all of its tokens, between spaces."""

    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    product_id = Text(GOODS)
    tokens = Text(GOODS)

    @classmethod
    def of(cls, token: str, product: ProductRow, tokens: Iterable[str]) -> "PostingRow":
        """Make the posting of a product under one of its tokens."""
        pk, sk = posting_key(token, product)
        return cls(pk=pk, sk=sk, product_id=product.pk, tokens=f" {' '.join(sorted(tokens))} ")


def posting_key(token: str, product: ProductRow) -> tuple[str, str]:
    """Give the key of a product's posting: newest first when read backwards."""
    return f"TOKEN#{token}", f"{product.list_at}#{product.pk}"


def listed(limit: int, after: dict[str, str] | None) -> list[ProductRow]:
    """Read a page of all products, newest first."""
    rows, _ = query_index(ProductRow.listing, ALL, limit=limit, forward=False, after=after)
    return rows


def product(product_id: str) -> ProductRow | None:
    """Read a product; a page may be a moment old."""
    return get(ProductRow, product_id, PRODUCT, strong=False)


def products(product_ids: Sequence[str]) -> list[ProductRow]:
    """Read products in the order asked; those gone are left out."""
    found = rows_by_key([(ProductRow, product_id, PRODUCT) for product_id in product_ids], strong=False)
    return [row for row in found if isinstance(row, ProductRow)]


def variants(variant_ids: Sequence[str], *, strong: bool) -> list[VariantRow | None]:
    """Read variants in the order asked."""
    found = rows_by_key([(VariantRow, variant_id, VARIANT) for variant_id in variant_ids], strong=strong)
    return [row if isinstance(row, VariantRow) else None for row in found]


def postings(
    tokens: Sequence[str], limit: int, after: dict[str, str] | None
) -> tuple[list[tuple[str, str]], dict[str, str] | None]:
    """Read one page of the first token's postings that carry the other tokens too.

    Gives (sort key, product id) of each match, and the last key looked at when there is more.
    """
    lead, *others = tokens
    request: dict[str, Any] = {
        "TableName": config().table(PostingRow.table),
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": f"TOKEN#{lead}"}},
        "ScanIndexForward": False,
        "Limit": limit,
    }
    if others:
        wanted = {f":t{number}": {"S": f" {token} "} for number, token in enumerate(others)}
        request["FilterExpression"] = " AND ".join(f"contains(tokens, {name})" for name in wanted)
        request["ExpressionAttributeValues"].update(wanted)
    if after is not None:
        request["ExclusiveStartKey"] = {name: {"S": value} for name, value in after.items()}
    page = client("dynamodb").query(**request)
    last = page.get("LastEvaluatedKey")
    matches = [(item["sk"]["S"], item["product_id"]["S"]) for item in page["Items"]]
    return matches, None if not last else {name: value["S"] for name, value in last.items()}


def move(
    variant_id: str,
    quantity: int,
    *,
    take: str,
    give: str,
    price_fen: int | None = None,
    otherwise: Refusal | None = None,
) -> Write:
    """Move a quantity from one count to another, only while there is so much (and the price is this)."""
    source, target = VariantRow.get_attributes()[take], VariantRow.get_attributes()[give]
    condition = source >= quantity
    if price_fen is not None:
        condition = condition & (VariantRow.price_fen == price_fen)
    actions: list[Action] = [source.set(source - quantity), target.set(target + quantity)]
    return update((VariantRow, variant_id, VARIANT), actions, condition, otherwise=otherwise)


def save_product(row: ProductRow) -> None:
    """Put a product on sale, or change it."""
    commit([put(row)])


def new_variant(row: VariantRow) -> None:
    """Put a variant on sale with its first stock.

    Raises:
        ConditionFailed: it is there already.
    """
    commit([put_new(row)])


def change_variant(row: VariantRow) -> None:
    """Change what a variant is called, costs and asks; its stock is left alone."""
    actions = [
        VariantRow.title.set(row.title),
        VariantRow.product_title.set(row.product_title),
        VariantRow.asks.set(row.asks),
        VariantRow.price_fen.set(row.price_fen),
    ]
    commit([update((VariantRow, row.pk, VARIANT), actions)])


def take_in(variant_id: str, quantity: int) -> None:
    """Add new stock."""
    actions: list[Action] = [VariantRow.available.add(quantity), VariantRow.total.add(quantity)]
    commit([update((VariantRow, variant_id, VARIANT), actions)])

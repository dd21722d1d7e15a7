"""Putting goods on sale from a catalogue file; loading the same file again costs one read."""

import hashlib
from collections.abc import Sequence

import msgspec

from chalicelib.foundation.kernel.words import index_tokens
from chalicelib.foundation.store.batch import delete_keys, put_rows
from chalicelib.foundation.store.write import ConditionFailed

from .. import tables
from ..contracts import ProductSeed

_BATCH = 100


def load_products(seeds: Sequence[ProductSeed]) -> int:
    """Put products on sale, or change those that differ; gives how many were written.

    A variant's stock is set once, when the variant is new.
    """
    written = 0
    for start in range(0, len(seeds), _BATCH):
        part = seeds[start : start + _BATCH]
        known = {row.pk: row for row in tables.products([seed.product_id for seed in part])}
        for seed in part:
            before = known.get(seed.product_id)
            if before is None or before.digest != _digest(seed):
                _load(seed, before)
                written += 1
    return written


def top_up(seeds: Sequence[ProductSeed]) -> int:
    """Take in new stock of what has sold below its seed's number; gives how many variants got some."""
    asked = {variant.variant_id: variant.stock for seed in seeds for variant in seed.variants}
    found = [
        row
        for start in range(0, len(asked), _BATCH)
        for row in tables.variants([*asked][start : start + _BATCH], strong=True)
    ]
    short = [row for row in found if row is not None and row.available < asked[row.pk]]
    for row in short:
        tables.take_in(row.pk, asked[row.pk] - row.available)
    return len(short)


def _load(seed: ProductSeed, before: tables.ProductRow | None) -> None:
    """Write variants and postings first, the product (with its digest) last, so that a kill is made good."""
    row = _product(seed)
    for variant in seed.variants:
        _save_variant(
            tables.VariantRow(
                pk=variant.variant_id,
                sk=tables.VARIANT,
                product_id=seed.product_id,
                product_title=seed.title,
                title=variant.title,
                asks=list(seed.asks),
                price_fen=variant.price_fen,
                available=variant.stock,
                held=0,
                sold=0,
                total=variant.stock,
            )
        )
    tokens = _tokens(row)
    put_rows([tables.PostingRow.of(token, row, tokens) for token in sorted(tokens)])
    if before is not None:
        fresh = {tables.posting_key(token, row) for token in tokens}
        stale = {tables.posting_key(token, before) for token in _tokens(before)} - fresh
        delete_keys(tables.PostingRow.table, sorted(stale))
    tables.save_product(row)


def _save_variant(row: tables.VariantRow) -> None:
    try:
        tables.new_variant(row)
    except ConditionFailed:
        tables.change_variant(row)


def _product(seed: ProductSeed) -> tables.ProductRow:
    return tables.ProductRow(
        pk=seed.product_id,
        sk=tables.PRODUCT,
        title=seed.title,
        description=seed.description,
        brand=seed.brand,
        category=seed.category,
        asks=list(seed.asks),
        variant_ids=[variant.variant_id for variant in seed.variants],
        price_from_fen=min(variant.price_fen for variant in seed.variants),
        digest=_digest(seed),
        list_key=tables.ALL,
        list_at=seed.listed_at,
    )


def _tokens(row: tables.ProductRow) -> frozenset[str]:
    return index_tokens(row.title, row.brand, row.category)


def _digest(seed: ProductSeed) -> str:
    return hashlib.sha256(msgspec.json.encode(seed)).hexdigest()

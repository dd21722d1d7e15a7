"""Goods for tests, put on sale as the catalogue loader does it, and the count that must always hold."""

from typing import Any

from chalicelib.catalog import tables
from chalicelib.catalog.contracts import ProductSeed, VariantSeed
from chalicelib.catalog.service.load import load_products
from chalicelib.foundation.kernel.ids import new_id


def a_product(title: str = "RG 1/144 牛高达", *, price_fen: int = 23800, stock: int = 5, **more: Any) -> ProductSeed:
    """Describe a product with one variant."""
    described = {
        "description": "可动拼装模型",
        "brand": "万代",
        "category": "拼装模型",
        "listed_at": "2026-11-01",
        **more,
    }
    variant = VariantSeed(variant_id=new_id("var"), title="标准版", price_fen=price_fen, stock=stock)
    return ProductSeed(product_id=new_id("prd"), title=title, **{"variants": [variant], **described})


def on_sale(title: str = "RG 1/144 牛高达", **more: Any) -> str:
    """Put a product with one variant on sale; gives the variant's id."""
    product = a_product(title, **more)
    load_products([product])
    return product.variants[0].variant_id


def stock(variant_id: str) -> dict[str, int]:
    """Count a variant's stock, and hold it against what must always be so."""
    (row,) = tables.variants([variant_id], strong=True)
    assert row is not None
    counts = {"available": row.available, "held": row.held, "sold": row.sold}
    assert all(count >= 0 for count in counts.values()), counts
    assert sum(counts.values()) == row.total, counts
    return counts

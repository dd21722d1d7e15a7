"""The sample catalogue: `python -m infra.local.sample` puts it on sale and tops its stock up; safe to repeat."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from chalicelib.catalog.contracts import ProductSeed
from chalicelib.catalog.service.load import load_products, top_up
from chalicelib.foundation.kernel.ids import derived_id

FILE = Path(__file__).with_suffix(".toml")
_KEY = b"sample catalogue"


def sample_products() -> list[ProductSeed]:
    """Read the catalogue file; the same entry always gets the same ids."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["products"]
    return [msgspec.convert(_seed(entry), type=ProductSeed) for entry in entries]


def main() -> None:
    """Load it into whatever the environment points at."""
    seeds = sample_products()
    loaded, topped_up = load_products(seeds), top_up(seeds)
    print(f"sample catalogue: {len(seeds)} products, {loaded} written, {topped_up} variants topped up")


def _seed(entry: dict[str, Any]) -> dict[str, Any]:
    slug = str(entry.pop("slug"))
    variants = [
        {
            "variant_id": derived_id("var", _KEY, slug, title),
            "title": title,
            "price_fen": price_fen,
            "stock": stock,
        }
        for title, price_fen, stock in entry.pop("variants")
    ]
    listed_at = f"{entry.pop('listed_on').isoformat()}T02:00:00.000Z"
    return {**entry, "product_id": derived_id("prd", _KEY, slug), "listed_at": listed_at, "variants": variants}


if __name__ == "__main__":
    main()

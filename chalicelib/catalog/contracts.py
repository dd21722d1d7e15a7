"""Wire shapes of the catalogue, and what other domains may know of goods."""

from typing import Annotated, Literal

import msgspec

from chalicelib.foundation.kernel.money import Money
from chalicelib.foundation.kernel.paging import Limit
from chalicelib.foundation.kernel.shapes import Command, View

ProductId = Annotated[str, msgspec.Meta(pattern="^prd_[a-z2-7]{26}$")]
VariantId = Annotated[str, msgspec.Meta(pattern="^var_[a-z2-7]{26}$")]
Quantity = Annotated[int, msgspec.Meta(ge=1, le=99)]
StockState = Literal["in_stock", "few_left", "sold_out"]
Further = Literal["customs_identity"]
"""Data that an order of certain goods needs besides the recipient; ordinary goods need none."""


class Browse(Command):
    """Which products to list: all of them newest first, or those that match every word of `q`."""

    q: Annotated[str, msgspec.Meta(max_length=50)] = ""
    limit: Limit = 20
    cursor: Annotated[str, msgspec.Meta(max_length=512)] = ""


class ProductCard(View):
    """A product in a list."""

    product_id: str
    title: str
    brand: str
    category: str
    price_from: Money


class VariantView(View):
    """One way to buy a product."""

    variant_id: str
    title: str
    price: Money
    stock: StockState


class ProductView(View):
    """A product's page. `asks` names what an order of it needs besides the recipient."""

    product_id: str
    title: str
    description: str
    brand: str
    category: str
    asks: list[Further]
    variants: list[VariantView]


class Wanted(msgspec.Struct, frozen=True):
    """So many of a variant."""

    variant_id: str
    quantity: int


class Quoted(msgspec.Struct, frozen=True):
    """So many of a variant at the price of the moment."""

    variant_id: str
    product_id: str
    title: str
    variant_title: str
    quantity: int
    price_fen: int


class VariantSeed(Command):
    """A variant as a catalogue file describes it; `stock` counts only when it is new."""

    variant_id: VariantId
    title: str
    price_fen: Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
    stock: Annotated[int, msgspec.Meta(ge=0)]


class ProductSeed(Command):
    """A product as a catalogue file describes it."""

    product_id: ProductId
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    description: str
    brand: str
    category: str
    listed_at: str
    variants: Annotated[list[VariantSeed], msgspec.Meta(min_length=1, max_length=50)]
    asks: tuple[Further, ...] = ()

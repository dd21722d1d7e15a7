"""Goods over HTTP: open to everyone, and cacheable."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.paging import Page
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.route import Who

from .contracts import Browse, ProductCard, ProductView
from .service import browse

CACHE_S = 60
api = Api(__name__)


@api.get("/v1/products", who=Who.GUEST, purpose="", query=Browse, returns=Page[ProductCard], cache_s=CACHE_S)
def list_products(call: Call, asked: Browse) -> Page[ProductCard]:
    """Browse or search products."""
    return browse.list_products(call, asked)


@api.get("/v1/products/{product_id}", who=Who.GUEST, purpose="", returns=ProductView, cache_s=CACHE_S)
def show_product(call: Call, product_id: str) -> ProductView:
    """Show a product with its variants and their stock."""
    return browse.show_product(call, product_id)

"""The catalogue's refusals."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class VariantUnknown(Failure):
    """There is no such variant."""

    code = "catalog.variant_unknown"
    kind = Kind.UNPROCESSABLE
    title_zh = "所选商品不存在"
    title_en = "There is no such item"


class OutOfStock(Failure):
    """There are not so many left."""

    code = "catalog.out_of_stock"
    kind = Kind.CONFLICT
    title_zh = "商品库存不足"
    title_en = "Not enough in stock"


class NeedsMore(Failure):
    """An order of these goods needs data that this order form does not ask for."""

    code = "catalog.needs_more"
    kind = Kind.UNPROCESSABLE
    title_zh = "该商品需要在购买页补充资料"
    title_en = "These goods need further data, as their page says"


class StockMoved(Failure):
    """Price or stock changed between quote and order; quote anew."""

    code = "catalog.stock_moved"
    kind = Kind.CONFLICT
    title_zh = "商品价格或库存已变化，请重试"
    title_en = "Price or stock changed meanwhile, try again"
    retryable = True

"""Pure decisions of the catalogue: when stock runs low."""

from .contracts import StockState

FEW = 5


def stock_state(available: int) -> StockState:
    """Tell stock without telling the count."""
    if available <= 0:
        return "sold_out"
    return "few_left" if available <= FEW else "in_stock"

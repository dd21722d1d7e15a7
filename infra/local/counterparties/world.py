"""Everyone on the other side, made from one directory."""

from collections.abc import Sequence
from pathlib import Path

from .apple import Apple
from .cashier import Cashier
from .clerk import RETRY_S, Clerk
from .faults import Faults
from .ledger import Ledger, Trade
from .notices import Scribe
from .seals import Seals
from .secrets import load, load_apple
from .tencent import Tencent
from .wechat import WeChat
from .wechatpay import WeChatPay


class World:
    """The providers, their books, and those who act for phones and payers."""

    def __init__(self, directory: Path, *, retry_s: Sequence[float] = RETRY_S, settle_s: float = 1.0) -> None:
        """Open the directory.

        Args:
            directory: secrets and books are kept here.
            retry_s: pauses between tries to deliver a notification.
            settle_s: how long a refund is under way.
        """
        secrets = load(directory)
        self.ledger = Ledger(directory)
        self.faults = Faults()
        seals = Seals(secrets)
        self.scribe = Scribe(secrets, self.ledger, seals)
        self.clerk = Clerk(self.ledger, self.scribe, retry_s)
        self.cashier = Cashier(self.ledger, seals)
        self.tencent = Tencent(secrets, self.ledger)
        self.wechat = WeChat(secrets, self.ledger)
        self.apple = Apple(load_apple(directory), self.ledger)
        self.wechatpay = WeChatPay(secrets, self.ledger, wake=self.clerk.wake, settle_s=settle_s)

    def approve(self, number: str, *, notify: bool = True, after_s: float = 0.0) -> Trade:
        """Pay, and send the clerk off."""
        trade = self.cashier.approve(number, notify=notify, after_s=after_s)
        self.clerk.wake()
        return trade

    def clear(self) -> None:
        """Forget everything but the secrets."""
        self.faults.clear()
        self.ledger.clear()

"""What orders refuse."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class LinesRepeated(Failure):
    """A variant stands in two lines."""

    code = "orders.lines_repeated"
    kind = Kind.UNPROCESSABLE
    title_zh = "同一商品请合并为一行"
    title_en = "An item is listed twice"


class AffirmationRequired(Failure):
    """An order for somebody else needs the buyer's word that this person agreed."""

    code = "orders.affirmation_required"
    kind = Kind.UNPROCESSABLE
    title_zh = "替别人下单，请先确认已得到收货人的许可"
    title_en = "Confirm that the recipient agreed to your ordering for them"


class AmountTooLarge(Failure):
    """More than one payment can carry."""

    code = "orders.amount_too_large"
    kind = Kind.UNPROCESSABLE
    title_zh = "订单金额超过单笔支付上限"
    title_en = "The order is larger than one payment may be"


class OrderMoved(Failure):
    """The order changed meanwhile; what was asked for may still be possible."""

    code = "orders.moved"
    kind = Kind.CONFLICT
    title_zh = "订单状态已变化，请刷新后重试"
    title_en = "The order changed meanwhile; look at it again"
    retryable = True


class OrderNotPayable(Failure):
    """It is paid, closed, or its time is over."""

    code = "orders.not_payable"
    kind = Kind.CONFLICT
    title_zh = "订单当前不能支付"
    title_en = "This order can't be paid now"


class OrderNotCancellable(Failure):
    """The goods are on their way or with the recipient."""

    code = "orders.not_cancellable"
    kind = Kind.CONFLICT
    title_zh = "商品已发出，不能取消"
    title_en = "The goods have been sent; it can't be cancelled"


class OrderNotReceivable(Failure):
    """The goods have not been sent."""

    code = "orders.not_receivable"
    kind = Kind.CONFLICT
    title_zh = "商品尚未发出，不能确认收货"
    title_en = "The goods have not been sent yet"


class OrderNotFinished(Failure):
    """Only an order that is over can be hidden."""

    code = "orders.not_finished"
    kind = Kind.CONFLICT
    title_zh = "订单尚未结束，不能隐藏"
    title_en = "Only an order that is over can be hidden"


class PayerDiffers(Failure):
    """The payment was begun by another WeChat account, and only that one can finish it."""

    code = "orders.payer_differs"
    kind = Kind.CONFLICT
    title_zh = "请使用首次发起支付的微信账号付款"
    title_en = "Pay with the WeChat account that began the payment"


class PaymentMismatch(Failure):
    """What the provider tells does not fit the order; nothing was changed."""

    code = "orders.payment_mismatch"
    kind = Kind.UNPROCESSABLE
    title_zh = "支付信息与订单不符"
    title_en = "The payment does not fit the order"


class TransactionUsed(Failure):
    """The provider's transaction has settled an order already; if another one, this is a mismatch."""

    code = "orders.transaction_used"
    kind = Kind.CONFLICT
    title_zh = "该支付交易已被使用"
    title_en = "This transaction has been used"


class NotificationReplayed(Failure):
    """Another notification came under this nonce before."""

    code = "orders.notification_replayed"
    kind = Kind.UNAUTHENTICATED
    title_zh = "通知已被使用"
    title_en = "This notification's nonce was used before"


class ShipmentConflict(Failure):
    """The order isn't waiting to be sent, or was sent under another number."""

    code = "orders.shipment_conflict"
    kind = Kind.CONFLICT
    title_zh = "订单状态不允许发货"
    title_en = "The order can't be shipped so"

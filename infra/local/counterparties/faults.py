"""What is to go wrong next, told through the control API and used up call by call."""

import threading
from typing import Literal

import msgspec

Mode = Literal["error", "throttle", "limited", "lost", "slow", "redirect", "oversize", "garbage", "unsigned"]
# These answer before anything has happened; the others after.
BEFORE: frozenset[Mode] = frozenset({"error", "throttle", "limited", "redirect", "oversize", "garbage"})


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One plan: which operation (`sms.SendSms`, `wechatpay.*`, `*`) fails how, how many times.

    `error`: refused as busy, nothing done. `throttle`: refused as too frequent, nothing done. `limited`: the
    limit for this one number or person, nothing done. `lost`: done, and
    the connection is cut instead of an answer. `slow`: done, answered after `seconds`. `redirect`, `oversize`,
    `garbage`: nothing done, such an answer. `unsigned`: done, the answer's signature does not fit.
    """

    operation: str
    mode: Mode
    times: int = 1
    seconds: float = 0.0

    def fits(self, operation: str) -> bool:
        """Whether this plan is about an operation."""
        if self.operation.endswith("*"):
            return operation.startswith(self.operation[:-1])
        return operation == self.operation


class Faults:
    """The plans, oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[Fault] = []

    def plan(self, fault: Fault) -> None:
        """Add a plan."""
        with self._lock:
            self._plans.append(fault)

    def clear(self) -> None:
        """Drop every plan."""
        with self._lock:
            self._plans.clear()

    def take(self, operation: str) -> Fault | None:
        """Use up one time of the first plan that fits."""
        with self._lock:
            for plan in self._plans:
                if plan.fits(operation) and plan.times > 0:
                    plan.times -= 1
                    return plan
        return None

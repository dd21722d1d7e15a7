"""What the routes that a code opens must be sent to do their work."""

from collections.abc import Callable
from typing import Any

from .accounts import ask_code, new_mobile
from .edges import Http
from .lives import MOBILE, PASSWORD
from .staff_recipes import Asked
from .trading import Shop

_REPORT = {"kind": "off_platform_payment", "text": "对方要我离开平台付款"}


class Entering:
    """The owner with the phone at hand; part of a scene."""

    http: Http
    shop: Shop

    def code(self, purpose: str, mobile: str = MOBILE) -> str:
        """Have a code sent, and read it off the phone."""
        assert ask_code(self.http, mobile, purpose).status == 202
        code = self.shop.providers.sms(mobile)
        assert code is not None
        return code

    def by_code(self, purpose: str, **more: str) -> Asked:
        """Prove the owner's number by a code."""
        return Asked(body={"mobile": MOBILE, "code": self.code(purpose), **more})

    def other_number(self) -> Asked:
        """Prove the owner's number and another one."""
        old, mobile = self.code("change_mobile"), f"+86{new_mobile()}"
        return Asked(body={"mobile": mobile, "code": self.code("change_mobile", mobile), "old_code": old})


OF_ENTERING: dict[str, Callable[[Any], Asked]] = {
    "POST /v1/accounts/me/codes": lambda _: Asked(body={"purpose": "prove"}),
    "POST /v1/accounts/password/reset": lambda s: s.by_code("reset_password", new_password="another-password-2"),
    "PUT /v1/accounts/mobile": Entering.other_number,
    "POST /v1/accounts/freeze": lambda s: s.by_code("freeze"),
    "POST /v1/accounts/thaw": lambda s: s.by_code("thaw", password=PASSWORD),
    "POST /v1/sessions/by-code": lambda s: s.by_code("log_in"),
    "POST /v1/sessions/end-others": lambda _: Asked(),
    "POST /v1/sessions/reauthentication/by-code": lambda s: Asked(body={"code": s.code("prove")}),
    "POST /v1/reports/fraud": lambda _: Asked(body=_REPORT),
    "POST /v1/reports/fraud/mine": lambda _: Asked(body=_REPORT),
}

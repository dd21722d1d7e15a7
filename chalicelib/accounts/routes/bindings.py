"""The edge of bindings: what is bound, binding, cutting."""

from typing import Any

from chalicelib.foundation.gateways.errors import (
    AppleCodeInvalid,
    CodeInvalid,
    ProviderRefused,
    ProviderUnavailable,
    UserBlocked,
)
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import ConsentRequired, NotFound, TooMany
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import Who

from ..contracts.bindings import BindApple, BindingListView, BindingView, BindWechat
from ..errors import BindingExists, BoundElsewhere, LastWayIn
from ..service import bindings

api = Api(__name__)

_BIND: dict[str, Any] = {
    "who": Who.PERSON,
    "returns": BindingView,
    "recent": True,
    "on_record": True,
    "with_key": True,
    "limits": (Limit("bind", 20, 3600, per="person"),),
}
_CUT: dict[str, Any] = {
    "who": Who.PERSON,
    "purpose": "account.security",
    "returns": None,
    "status": 204,
    "recent": True,
    "with_key": True,
    "errors": (NotFound, LastWayIn),
}
_ERRORS = (ConsentRequired, BoundElsewhere, BindingExists, ProviderRefused, ProviderUnavailable)


@api.get("/v1/bindings", who=Who.PERSON, purpose="account.security", returns=BindingListView)
def list_bindings(call: Call) -> BindingListView:
    """List the third parties' accounts that may log in."""
    return bindings.list_bindings(call)


@api.put(
    "/v1/bindings/wechat",
    **_BIND,
    purpose="account.wechat",
    body=BindWechat,
    errors=(*_ERRORS, CodeInvalid, UserBlocked, TooMany),
)
def bind_wechat(call: Call, body: BindWechat) -> BindingView:
    """Bind the WeChat of whoever holds the phone."""
    return bindings.bind_wechat(call, body)


@api.put(
    "/v1/bindings/apple",
    **_BIND,
    purpose="account.apple",
    body=BindApple,
    errors=(*_ERRORS, AppleCodeInvalid),
)
def bind_apple(call: Call, body: BindApple) -> BindingView:
    """Bind the Apple account of whoever holds the phone."""
    return bindings.bind_apple(call, body)


@api.delete("/v1/bindings/wechat", **_CUT)
def unbind_wechat(call: Call) -> None:
    """Cut the binding of WeChat."""
    bindings.unbind_provider(call, "wechat")


@api.delete("/v1/bindings/apple", **_CUT)
def unbind_apple(call: Call) -> None:
    """Cut the binding of the Apple account; its authorization ends at Apple too."""
    bindings.unbind_provider(call, "apple")

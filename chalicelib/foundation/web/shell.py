"""The Chalice app: knows which module answers which prefix and, in Lambda, imports it on its first request."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from chalice.app import Chalice

from ..kernel import clock, log, startup
from ..kernel.call import Call
from ..kernel.config import optional
from ..kernel.errors import Failure, Internal, Kind, NotFound
from .answer import SECURITY_HEADERS, refuse
from .cors import Website
from .problem import choose_language

_REFUSED = 400


class MethodNotAllowed(Failure):
    """The path exists, the method does not."""

    code = "request.method_not_allowed"
    kind = Kind.NOT_ALLOWED
    title_zh = "不支持该操作"
    title_en = "This method is not supported here"


class Jule(Chalice):
    """Chalice with lazy domains and one shape of refusal."""

    def __init__(self, routes: dict[str, str], *, lazy: bool) -> None:
        """Take URL prefixes (the second path segment) and the module that answers each.

        Args:
            routes: prefix to module, such as `{"orders": "orders.routes"}`.
            lazy: import a module on its first request; else all at once.
        """
        super().__init__(app_name="jule", configure_logs=False)
        self.log.disabled = True  # Chalice would write the text of what it caught
        self._cors: dict[str, str] = {}
        if origin := optional("WEB_ORIGIN"):
            self.api.cors = Website(origin)
            self._cors = self.api.cors.get_access_control_headers()
        self._modules = routes
        self._loaded: set[str] = set()
        if not lazy:
            self.load(routes.values())

    def load(self, names: Iterable[str]) -> None:
        """Import modules of routes and register them."""
        for name in dict.fromkeys(names):
            if name not in self._loaded:
                module = import_module(f"chalicelib.{name}")
                self.register_blueprint(module.api.blueprint)
                self._loaded.add(name)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:  # noqa: ANN401 - Lambda's own
        """Answer one API Gateway event."""
        try:
            return self._answer(event, context)
        finally:
            startup.settle()

    def _answer(self, event: dict[str, Any], context: object) -> dict[str, Any]:
        asked = event.get("requestContext", {})
        resource = str(asked.get("resourcePath") or "")
        self.load(self._needed(resource))
        methods = self.routes.get(resource, {})
        if not methods:
            return self._refuse(event, NotFound())
        if asked.get("httpMethod") not in methods:
            return self._refuse(event, MethodNotAllowed(), Allow=", ".join(sorted(methods)))
        answer: dict[str, Any] = super().__call__(event, context)
        if answer["statusCode"] >= _REFUSED and "X-Request-Id" not in answer["headers"]:
            log.event(
                log.Event.REQUEST_FAULT,
                request_id=asked.get("requestId") or "",
                route=resource,
                kind="outside_the_edge",
                where="unknown",
            )
            return self._refuse(event, Internal())
        return answer

    def _refuse(self, event: dict[str, Any], failure: Failure, **more: str) -> dict[str, Any]:
        return _refused(event, failure, {**SECURITY_HEADERS, **self._cors, **more})

    def _needed(self, resource: str) -> Iterable[str]:
        if resource == "/openapi.json":
            return self._modules.values()
        prefix = resource.split("/")[2] if resource.count("/") > 1 else ""
        return (self._modules[prefix],) if prefix in self._modules else ()


def _refused(event: dict[str, Any], failure: Failure, said: dict[str, str]) -> dict[str, Any]:
    headers = {k.lower(): v for k, v in (event.get("headers") or {}).items()}
    call = Call(
        request_id=str(event.get("requestContext", {}).get("requestId") or ""),
        now=clock.now(),
        language=choose_language(headers.get("accept-language", "")),
    )
    said = {**said, "X-Request-Id": call.request_id, "Content-Language": call.language}
    answer: dict[str, Any] = refuse(failure, call, said).to_dict()
    return answer

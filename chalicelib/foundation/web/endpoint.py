"""The one decorator of HTTP: decode, limit, authenticate, check consent, run, render, log."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import msgspec
from chalice.app import Blueprint, Request, Response

from ..kernel import clock, log
from ..kernel.call import Call, Carried
from ..kernel.errors import Busy, Failure, Internal
from ..kernel.ids import new_id
from ..standing import minors
from ..store.faults import is_outage
from . import cookies, decode, idempotency, identify, limits
from .answer import SECURITY_HEADERS, Answer, refuse, render, revalidated, version_asked
from .navigation import refuse_unless_navigated
from .problem import choose_language
from .route import REGISTERED, Raw, Route, Who
from .versions import channel_of, device_of, refuse_old_client, refuse_unnamed

P = ParamSpec("P")
T = TypeVar("T")


class Api:
    """A domain's routes, as a Chalice blueprint."""

    def __init__(self, module: str) -> None:
        """Make the blueprint of a `routes` module."""
        self.blueprint = Blueprint(module)

    def get(self, path: str, **declared: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:  # noqa: ANN401
        """Declare a GET route."""
        return self._declare("GET", path, declared)

    def post(self, path: str, **declared: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:  # noqa: ANN401
        """Declare a POST route."""
        return self._declare("POST", path, declared)

    def put(self, path: str, **declared: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:  # noqa: ANN401
        """Declare a PUT route."""
        return self._declare("PUT", path, declared)

    def delete(self, path: str, **declared: Any) -> Callable[[Callable[P, T]], Callable[P, T]]:  # noqa: ANN401
        """Declare a DELETE route."""
        return self._declare("DELETE", path, declared)

    def _declare(self, method: str, path: str, declared: dict[str, Any]) -> Callable[[Callable[P, T]], Callable[P, T]]:
        def decorate(function: Callable[P, T]) -> Callable[P, T]:
            route = Route(method=method, path=path, function=function, **declared)
            REGISTERED[method, path] = route

            def view(**given: str) -> Response:
                return handle(route, self.blueprint.current_request, given)

            view.__name__ = function.__name__
            register = self.blueprint.route(path, methods=[method], content_types=[], name=function.__name__)
            register(view)
            return function

        return decorate


class Exchange(msgspec.Struct):
    """One request on its way: what came, and what is known and to be said of it so far."""

    route: Route
    request: Request
    given: dict[str, str]
    call: Call
    headers: dict[str, str]

    def know(self, **facts: Any) -> None:  # noqa: ANN401 - fields of the call
        """Add facts to the call."""
        self.call = msgspec.structs.replace(self.call, **facts)


def handle(route: Route, request: Request, given: dict[str, str]) -> Response:
    """Answer one request on one route."""
    began_s = clock.steady_s()
    call = _call(route, request)
    exchange = Exchange(route, request, given, call, _headers(route, call))
    code = ""
    try:
        given = _run(exchange, _prepare(exchange))
        code = given.code if isinstance(given, Answer) else ""
        response = render(given, route.status, exchange.headers, place=route.place)
        if isinstance(given, Answer) and given.cookies:
            response.headers["Set-Cookie"] = list(given.cookies)
        if route.cache_s:
            response = revalidated(response, request.headers.get("if-none-match", ""))
    except Failure as failure:
        code = failure.code
        response = refuse(failure, exchange.call, exchange.headers, page=route.refused)
    except Exception as fault:  # noqa: BLE001 - the last line: nothing of it may reach the client
        hidden = Busy(retry_after_s=2) if is_outage(fault) else Internal()
        code = hidden.code
        log.event(
            log.Event.REQUEST_FAULT,
            request_id=call.request_id,
            route=route.name,
            kind=type(fault).__name__,
            where=log.where(fault),
        )
        response = refuse(hidden, exchange.call, exchange.headers, page=route.refused)
    who = exchange.call.person or exchange.call.staff
    log.event(
        log.Event.REQUEST_DONE,
        request_id=call.request_id,
        route=route.name,
        method=route.method,
        status=response.status_code,
        code=code,
        took_ms=round((clock.steady_s() - began_s) * 1000),
        who=who.log_name if who else "",
    )
    return response


def _call(route: Route, request: Request) -> Call:
    return Call(
        request_id=str(request.context.get("requestId") or new_id("rid")),
        now=clock.now(),
        purpose=route.purpose,
        channel=channel_of(request.headers.get("x-client", "")),
        device=device_of(request.headers.get("x-device", "")),
        language=choose_language(request.headers.get("accept-language", "")),
        route=f"{route.method} {route.path}",
        of_right=not route.guarded,
    )


def _headers(route: Route, call: Call) -> dict[str, str]:
    return {
        **SECURITY_HEADERS,
        "Cache-Control": f"public, max-age={route.cache_s}" if route.cache_s else "no-store",
        "X-Request-Id": call.request_id,
        "Content-Language": call.language,
        "Vary": "Accept-Language, Authorization, Origin",
    }


def _prepare(exchange: Exchange) -> list[Any]:
    """Turn a request into a call with a person, and the verb's arguments; or refuse it."""
    route, request = exchange.route, exchange.request
    refuse_old_client(request.headers.get("x-client", ""))
    if route.navigated:
        refuse_unless_navigated(route.method, request.headers)
    if route.limits:
        exchange.know(address_hash=limits.address_hash(_address(request), exchange.call.now))
        _spend(exchange, "address", exchange.call.address_hash)
    if route.who is Who.PERSON:
        _authenticate(exchange)
    elif route.who is Who.STAFF:
        _admit_staff(exchange)
    elif route.begins_session and cookies.wanted(request.headers):
        cookies.refuse_cross_site(exchange.call, request.headers)
        exchange.know(carried=cookies.carried(request.headers, exchange.call.now))
    if route.on_record:
        refuse_unnamed(request.headers.get("x-client", ""), request.headers.get("x-device", ""))
    arguments = _arguments(exchange)
    if route.idempotent:
        exchange.know(
            idempotency_key=idempotency.check_key(request.headers.get("idempotency-key", "")),
            fingerprint=idempotency.fingerprint(*[a for a in arguments if not isinstance(a, Raw)]),
        )
    return arguments


def _authenticate(exchange: Exchange) -> None:
    route, now, headers = exchange.route, exchange.call.now, exchange.request.headers
    if cookies.counts(headers):
        cookies.refuse_cross_site(exchange.call, headers)
        person = identify.holder(cookies.session_token(headers), now, with_key=route.with_key)
        exchange.know(person=person, carried=Carried(session_id=person.session_id))
    else:
        person = identify.bearer(headers.get("authorization", ""), now, with_key=route.with_key)
        exchange.know(person=person)
    identify.refuse_without_consent(person, route.purpose)
    if route.guarded:
        minors.refuse(person, route.purpose, now)
    if route.recent:
        identify.refuse_unless_recent(person, now)
    _spend(exchange, "person", person.ref)


def _admit_staff(exchange: Exchange) -> None:
    from .staff import admit

    header = exchange.request.headers.get("authorization", "")
    exchange.know(staff=admit(header, exchange.route, exchange.call.now))


def _spend(exchange: Exchange, per: str, key: str) -> None:
    for limit in exchange.route.limits:
        if limit.per == per:
            spent = limits.spend(limit, key, exchange.call.now)
            exchange.headers.update(spent.headers())
            spent.refuse_when_over()


def _arguments(exchange: Exchange) -> list[Any]:
    route, request = exchange.route, exchange.request
    plain = decode.path(exchange.given)
    arguments: list[Any] = [plain[name] for name in route.parameters]
    if route.query is not None:
        arguments.append(decode.query(decode.multi(request), route.query))
    body = decode.raw(request)
    if route.body is not None:
        arguments.append(decode.body(body, request.headers.get("content-type", ""), route.body))
    elif route.form is not None and route.who is not Who.PROVIDER:
        arguments.append(decode.form(body, request.headers.get("content-type", ""), route.form))
    if route.who is Who.PROVIDER:
        arguments.append(Raw({k.lower(): v for k, v in request.headers.items()}, body[: decode.MOST_BYTES + 1]))
    if route.if_match:
        arguments.append(version_asked(request.headers.get("if-match", "")))
    return arguments


def _run(exchange: Exchange, arguments: list[Any]) -> Any:  # noqa: ANN401 - a view or an Answer
    route = exchange.route
    try:
        return route.function(exchange.call, *arguments)
    except Failure as failure:
        made = "" if route.replay is None else idempotency.made_before(exchange.call, failure)
        if route.replay is None or not made:
            raise
        exchange.headers["Idempotency-Replayed"] = "true"
        return route.replay(exchange.call, made)


def _address(request: Request) -> str:
    identity = request.context.get("identity") or {}
    return str(identity.get("sourceIp") or "")

"""A scratch domain's routes on a scratch app, called with events as API Gateway makes them."""

import base64
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import pytest

from chalicelib.foundation.audit.evidence import record
from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import Failure, Kind, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.kernel.paging import Limit as PageLimit
from chalicelib.foundation.kernel.shapes import Command, View
from chalicelib.foundation.standing import access
from chalicelib.foundation.store.attributes import Integer, Text
from chalicelib.foundation.store.declare import KEY, STATE, Personal
from chalicelib.foundation.store.row import Row, get
from chalicelib.foundation.store.write import put_new, update
from chalicelib.foundation.web import idempotency
from chalicelib.foundation.web.answer import VersionStale
from chalicelib.foundation.web.endpoint import Api
from chalicelib.foundation.web.limits import Limit
from chalicelib.foundation.web.route import REGISTERED, Who
from chalicelib.foundation.web.shell import Jule

from .edges import Reply
from .people import Someone

SHELF = "shelf"


class Line(Command):
    sku: Annotated[str, msgspec.Meta(max_length=8)]
    count: Annotated[int, msgspec.Meta(ge=1, le=99)] = 1


class Make(Command):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    lines: Annotated[tuple[Line, ...], msgspec.Meta(max_length=5)] = ()


class Search(Command):
    q: Annotated[str, msgspec.Meta(max_length=40)] = ""
    limit: PageLimit = 20


class ThingView(View):
    thing_id: str
    name: str = ""


class ScratchThingRow(Row, table="cases", kind="scratch_thing"):
    pk = Text(KEY, hash_key=True)
    sk = Text(KEY, range_key=True)
    person_id = Text(Personal("account.person_id"), null=True)
    left = Integer(STATE, null=True)
    version = Integer(STATE, null=True)


class SoldOut(Failure):
    code = "scratch.sold_out"
    kind = Kind.CONFLICT
    title_zh = "售罄"
    title_en = "Sold out"


class Secretive(Exception):
    """Carries what nobody may see."""


def make_thing(call: Call, body: Make) -> ThingView:
    """Make a thing, of which the shelf may hold few."""
    thing_id = idempotency.resource_id(call, "req")
    shelf = get(ScratchThingRow, SHELF, "THING")
    if shelf is not None and shelf.left == 0:
        raise SoldOut
    row = ScratchThingRow(pk=thing_id, sk="THING", person_id=call.who.person_id)
    writes = [
        put_new(row, idempotency.Replayed(thing_id)),
        idempotency.claim(call, thing_id),
        record(call, "person:thing:made", subject_id=thing_id),
    ]
    if shelf is not None:
        one_less = [ScratchThingRow.left.add(-1)]
        writes.append(update((ScratchThingRow, SHELF, "THING"), one_less, ScratchThingRow.left >= 1, otherwise=SoldOut))
    access.commit(call, writes)
    return show_thing(call, thing_id)


def show_thing(call: Call, thing_id: str) -> ThingView:
    """Show a thing to whose it is."""
    row = get(ScratchThingRow, thing_id, "THING")
    if row is None or row.person_id != call.who.person_id:
        raise NotFound
    return ThingView(thing_id=thing_id)


class Scratch:
    """The scratch app: what its open verb does is up to the test."""

    def __init__(self) -> None:
        self.calls: list[tuple[Call, tuple[Any, ...]]] = []
        self.answer: Any = ThingView(thing_id="t")
        self.app = Jule({}, lazy=False)
        self.app.register_blueprint(self._routes().blueprint)

    def open(self, call: Call, *arguments: Any) -> Any:
        """Do what the test says."""
        self.calls.append((call, arguments))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def _routes(self) -> Api:
        api, guest, person = Api(__name__), Who.GUEST, Who.PERSON

        def verb(name: str) -> Any:
            def run(call: Call, *arguments: Any) -> Any:
                """Do what the test says."""
                return self.open(call, *arguments)

            run.__name__ = name
            return run

        api.get("/v1/scratch", who=guest, purpose="", returns=ThingView, query=Search)(verb("look"))
        api.get("/v1/scratch/{version}", who=guest, purpose="", returns=ThingView)(verb("look_at"))
        api.get("/v1/scratch/kept", who=guest, purpose="", returns=ThingView, cache_s=60)(verb("look_long"))
        api.post("/v1/scratch", who=guest, purpose="", returns=ThingView, body=Make, status=201)(verb("leave"))
        few = (Limit("few", 3, 60),)
        api.get("/v1/scratch/few", who=guest, purpose="", returns=ThingView, limits=few)(verb("look_rarely"))
        mine = (Limit("mine", 2, 60, per="person"),)
        api.get("/v1/scratch/mine", who=person, purpose="account.service", returns=ThingView, limits=mine)(verb("mine"))
        api.get("/v1/scratch/asked", who=person, purpose="community.place", returns=ThingView)(verb("asked"))
        api.get("/v1/scratch/sealed", who=person, purpose="", returns=ThingView, with_key=True)(verb("sealed"))
        api.get("/v1/scratch/recent", who=person, purpose="", returns=ThingView, recent=True)(verb("recent"))
        api.put(
            "/v1/scratch/{version}", who=person, purpose="", returns=ThingView, body=Make, if_match=True,
            errors=(VersionStale,),
        )(verb("edit"))  # fmt: skip
        api.post("/v1/scratch/told", who=Who.PROVIDER, purpose="", returns=None, status=204)(verb("told"))
        api.post(
            "/v1/scratch/things", who=person, purpose="", returns=ThingView, body=Make, status=201,
            errors=(SoldOut,), idempotent=True, replay=show_thing, place="/v1/scratch/{0.thing_id}",
        )(make_thing)  # fmt: skip
        return api


class Gateway:
    """Calls an app as API Gateway does: with the route it matched, and what it did not decode."""

    def __init__(self, app: Jule) -> None:
        self._app = app
        self.address = "198.51.100.7"

    def __call__(
        self,
        method: str,
        resource: str,
        body: object = None,
        *,
        who: Someone | None = None,
        raw: bytes | str | None = None,
        headers: dict[str, str] | None = None,
        path: dict[str, str] | None = None,
        query: dict[str, list[str]] | None = None,
    ) -> Reply:
        """Send one request; a `raw` text goes as it is, bytes go base64-encoded."""
        sent = {"Content-Type": "application/json"} if body is not None or raw is not None else {}
        sent |= {**(who.headers if who else {}), **(headers or {})}
        text = msgspec.json.encode(body).decode() if body is not None else raw
        event = {
            "requestContext": {
                "httpMethod": method,
                "resourcePath": resource,
                "requestId": new_id("rid"),
                "identity": {"sourceIp": self.address},
            },
            "headers": sent,
            "multiValueQueryStringParameters": query,
            "pathParameters": path,
            "stageVariables": None,
            "body": base64.b64encode(text).decode() if isinstance(text, bytes) else text,
            "isBase64Encoded": isinstance(text, bytes),
        }
        return replied(self._app(event, None))


def replied(answer: dict[str, Any]) -> Reply:
    """Read what Lambda gives back to API Gateway."""
    headers = {**answer["headers"], **{name: values[0] for name, values in answer["multiValueHeaders"].items()}}
    return Reply(answer["statusCode"], headers, answer["body"].encode())


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    """Give the scratch app; its routes are no part of the API's description afterwards."""
    known = dict(REGISTERED)
    yield Scratch()
    REGISTERED.clear()
    REGISTERED.update(known)


@pytest.fixture
def ask(scratch: Scratch) -> Gateway:
    """Give a way to call the scratch app."""
    return Gateway(scratch.app)

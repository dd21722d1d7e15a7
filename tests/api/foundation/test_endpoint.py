"""Every answer of the edge: its shape, its headers, and nothing in it that should not be."""

import json
import socket
import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from chalicelib.foundation.kernel.config import reset_config
from chalicelib.foundation.kernel.errors import Busy, NotFound
from chalicelib.foundation.kernel.ids import new_id
from chalicelib.foundation.store.row import get
from chalicelib.foundation.vault import clients
from chalicelib.foundation.web.answer import Answer
from chalicelib.foundation.web.route import Raw
from tests.support.cloud import TestCloud
from tests.support.edges import Http
from tests.support.people import make_person
from tests.support.scratch_api import Gateway, Scratch, ScratchThingRow, Search, Secretive, ThingView
from tests.support.wire import Wire, is_down

CANARY = "canary-7f3a"
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Language": "zh-CN",
}


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    printed = capsys.readouterr()
    assert CANARY not in printed.out + printed.err
    return [json.loads(line) for line in printed.out.splitlines()]


def test_an_answer_has_its_status_its_headers_and_one_line_in_the_log(scratch: Scratch, ask: Gateway, capsys: Any):
    reply = ask("GET", "/v1/scratch", query={"q": ["模型"]})
    assert (reply.status, reply.json) == (200, {"thing_id": "t", "name": ""})
    assert SAFE.items() <= reply.headers.items()
    assert reply.headers["Content-Type"] == "application/json"
    assert reply.headers["Strict-Transport-Security"].startswith("max-age=")
    (line,) = logged(capsys)
    assert line.pop("took_ms") >= 0
    assert line.pop("request_id") == reply.headers["X-Request-Id"]
    assert line == {
        "event": "request_done", "route": "look", "method": "GET", "status": 200, "code": "", "who": "",
    }  # fmt: skip
    assert scratch.calls[0][1] == (Search(q="模型"),)


def test_a_call_carries_channel_device_and_language(scratch: Scratch, ask: Gateway):
    headers = {"X-Client": "wxmp/1.2.3", "X-Device": "iPhone%2015 %E7%99%BD", "Accept-Language": "en"}
    ask("GET", "/v1/scratch", headers=headers)
    ask("GET", "/v1/scratch", headers={"X-Client": CANARY, "X-Device": "手机\n"})
    first, second = (call for call, _ in scratch.calls)
    assert (first.channel, first.device, first.language) == ("wxmp", "iPhone 15 白", "en")
    assert (second.channel, second.device, second.language) == ("web", "", "zh-CN")
    assert first.person is None


def test_an_answer_may_say_more_than_its_view(scratch: Scratch, ask: Gateway):
    scratch.answer = Answer(ThingView(thing_id="t"), status=202, version=3, location="/v1/scratch/t")
    reply = ask("POST", "/v1/scratch", {"name": "a"})
    assert (reply.status, reply.headers["ETag"], reply.headers["Location"]) == (202, '"3"', "/v1/scratch/t")
    scratch.answer = None
    reply = ask("POST", "/v1/scratch", {"name": "a"})
    assert (reply.status, reply.text) == (201, "")
    scratch.answer = Answer(html="<p>好</p>", language="en")
    reply = ask("GET", "/v1/scratch")
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert (reply.headers["Content-Language"], reply.text) == ("en", "<p>好</p>")


def test_what_may_be_cached_is_revalidated(scratch: Scratch, ask: Gateway):
    reply = ask("GET", "/v1/scratch/kept")
    tag = reply.headers["ETag"]
    assert reply.headers["Cache-Control"] == "public, max-age=60"
    again = ask("GET", "/v1/scratch/kept", headers={"If-None-Match": tag})
    assert (again.status, again.text, again.headers["ETag"]) == (304, "", tag)
    scratch.answer = ThingView(thing_id="u")
    assert ask("GET", "/v1/scratch/kept", headers={"If-None-Match": tag}).status == 200
    scratch.answer = NotFound()
    gone = ask("GET", "/v1/scratch/kept")
    assert (gone.status, gone.code) == (404, "request.not_found")
    assert "ETag" not in gone.headers


UNKNOWN = {
    "fault": Secretive(CANARY),
    "key": KeyError(CANARY),
    "assertion": AssertionError(CANARY),
    "deep": RecursionError(CANARY),
    "not ours": ClientError({"Error": {"Code": "ValidationException", "Message": CANARY}}, "PutItem"),
    "no rights": ClientError({"Error": {"Code": "AccessDeniedException", "Message": CANARY}}, "PutItem"),
}


@pytest.mark.promise("K4.2")
@pytest.mark.parametrize("fault", UNKNOWN.values(), ids=UNKNOWN)
def test_nothing_of_an_unknown_fault_gets_out(fault: Exception, scratch: Scratch, ask: Gateway, capsys: Any):
    scratch.answer = fault
    reply = ask("POST", "/v1/scratch", {"name": CANARY})
    assert (reply.status, reply.code) == (500, "service.fault")
    assert "Retry-After" not in reply.headers
    assert SAFE.items() <= reply.headers.items()
    assert CANARY not in reply.text + repr(reply.headers)
    assert "Traceback" not in reply.text
    fault_line, done = logged(capsys)
    assert fault_line["kind"] == type(fault).__name__
    assert fault_line["request_id"] == done["request_id"] == reply.json["request_id"]


URL = "http://127.0.0.1:9/" + CANARY
OUTAGES = {
    "unreachable": EndpointConnectionError(endpoint_url=URL),
    "connect": ConnectTimeoutError(endpoint_url=URL),
    "read": ReadTimeoutError(endpoint_url=URL),
    "throttled": ClientError({"Error": {"Code": "ThrottlingException", "Message": CANARY}}, "PutItem"),
    "capacity": ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "PutItem"),
    "broken": ClientError({"Error": {"Code": "X"}, "ResponseMetadata": {"HTTPStatusCode": 503}}, "PutItem"),
    "busy": Busy(retry_after_s=2),
}


@pytest.mark.parametrize("fault", OUTAGES.values(), ids=OUTAGES)
def test_an_outage_is_told_with_the_time_to_wait(fault: Exception, scratch: Scratch, ask: Gateway, capsys: Any):
    scratch.answer = fault
    reply = ask("GET", "/v1/scratch")
    assert (reply.status, reply.code, reply.json["retryable"]) == (503, "service.unavailable", True)
    assert int(reply.headers["Retry-After"]) > 0
    assert CANARY not in reply.text
    assert logged(capsys)[-1]["status"] == 503


def test_an_outage_of_a_read_by_row_is_told_too(scratch: Scratch, ask: Gateway, wire: Wire):
    """PynamoDB wraps what botocore raises."""
    wire.always("*", is_down)
    someone_call = scratch.open

    def read(call: Any, *arguments: Any) -> Any:
        get(ScratchThingRow, "a", "THING")
        return someone_call(call, *arguments)

    scratch.open = read  # type: ignore[method-assign]
    assert ask("GET", "/v1/scratch").code == "service.unavailable"


def test_an_outage_while_somebody_is_identified_is_told(ask: Gateway, wire: Wire):
    someone = make_person()
    wire.always("GetItem", is_down)
    wire.always("BatchGetItem", is_down)
    assert ask("GET", "/v1/scratch/mine", who=someone).code == "service.unavailable"
    assert ask("GET", "/v1/scratch/sealed", who=someone).code == "service.unavailable"


def test_a_hung_store_ends_in_an_answer(monkeypatch: pytest.MonkeyPatch, ask: Gateway):
    """With the time-outs cut short: as many tries as configured and no more, then 503."""
    someone = make_person()
    with socket.create_server(("127.0.0.1", 0)) as hung:
        taken: list[socket.socket] = []

        def accept() -> None:
            taken.extend(hung.accept()[0] for _ in range(clients.ATTEMPTS))

        threading.Thread(target=accept, daemon=True).start()
        monkeypatch.setattr(clients, "_CLIENTS", {})
        monkeypatch.setattr(clients, "READ_S", 0.1)
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{hung.getsockname()[1]}")
        monkeypatch.setattr("time.sleep", lambda _s: None)
        assert ask("GET", "/v1/scratch/mine", who=someone).code == "service.unavailable"
        assert len(taken) == clients.ATTEMPTS
        for one in taken:
            one.close()
    assert clients.CONNECT_S <= 1.0
    assert clients.ATTEMPTS <= 3


NOT_THERE = [("GET", "/v1/nowhere", 404), ("GET", "/", 404), ("GET", "", 404), ("PATCH", "/v1/scratch", 405)]


@pytest.mark.parametrize(("method", "resource", "status"), [*NOT_THERE, ("DELETE", "/v1/scratch", 405)])
def test_what_chalice_would_refuse_is_refused_like_all_else(method: str, resource: str, status: int, ask: Gateway):
    reply = ask(method, resource, headers={"Accept-Language": "en"})
    assert (reply.status, reply.code.startswith("request.")) == (status, True)
    assert reply.json["title"].isascii()
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.json["request_id"]
    assert reply.headers.get("Allow", "") == ("GET, POST" if status == 405 else "")


def test_what_breaks_outside_the_edge_has_its_shape_too(
    ask: Gateway, monkeypatch: pytest.MonkeyPatch, capsys: Any, caplog: pytest.LogCaptureFixture
):
    def broken(*_: Any) -> Any:
        raise Secretive(CANARY)

    monkeypatch.setattr("chalicelib.foundation.web.endpoint._call", broken)
    reply = ask("GET", "/v1/scratch")
    assert (reply.status, reply.code) == (500, "service.fault")
    assert CANARY not in reply.text
    logged(capsys)
    assert CANARY not in caplog.text


def test_the_description_of_the_api_has_the_same_headers(http: Http):
    reply = http("GET", "/openapi.json")
    assert reply.json["openapi"] == "3.1.0"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert http("GET", "/v1/health").json == {"status": "ok", "stage": "test"}


def test_an_edit_names_the_version_it_is_made_on(scratch: Scratch, ask: Gateway):
    someone, at = make_person(), {"path": {"version": "a"}}
    body: Any = {"name": "a"}
    assert ask("PUT", "/v1/scratch/{version}", body, who=someone, **at).status == 428
    stale = ask("PUT", "/v1/scratch/{version}", body, who=someone, headers={"If-Match": 'W/"3"'}, **at)
    assert stale.status == 412
    assert ask("PUT", "/v1/scratch/{version}", body, who=someone, headers={"If-Match": '"3"'}, **at).status == 200
    assert scratch.calls[0][1][2] == 3


def test_a_provider_gets_headers_and_body_as_they_came(scratch: Scratch, ask: Gateway):
    scratch.answer = None
    assert ask("POST", "/v1/scratch/told", raw=b'{"a": 1}', headers={"Wechatpay-Nonce": "n"}).status == 204
    ((_, (raw,)),) = scratch.calls
    assert isinstance(raw, Raw)
    assert (raw.body, raw.headers["wechatpay-nonce"]) == (b'{"a": 1}', "n")


def test_an_old_client_is_told_to_upgrade_before_anything_else(ask: Gateway, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CLIENT_MINIMUM", "app/2.1,wxmp/1.0")
    reset_config()
    reply = ask("GET", "/v1/scratch/mine", headers={"X-Client": "app/2.0.9"})
    assert (reply.status, reply.code) == (426, "client.too_old")
    assert ask("GET", "/v1/scratch", headers={"X-Client": "app/2.1"}).status == 200


@pytest.mark.promise("A1.4")
def test_a_guests_look_writes_nothing_and_reads_nothing(ask: Gateway, aws_calls: list[Any]):
    assert ask("GET", "/v1/scratch").status == 200
    assert aws_calls == []


def test_the_request_id_is_the_gateways(ask: Gateway, cloud: TestCloud):
    reply = ask("GET", "/v1/scratch/mine")
    assert reply.headers["X-Request-Id"] == reply.json["request_id"]
    assert reply.headers["X-Request-Id"].startswith("rid_")
    assert new_id("rid") != reply.headers["X-Request-Id"]
    assert cloud.items("people") == []

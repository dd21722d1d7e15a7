"""The fixed address: forwards faithfully, answers preflight from the API's definition, refuses what a gateway does."""

import http.client
import io
import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.local.complete import preflights
from infra.local.deploy import Deployed
from infra.local.front import Front


class Echo(BaseHTTPRequestHandler):
    """Stands for the local cloud: says what it was asked, and hangs up when told to."""

    protocol_version = "HTTP/1.1"
    hang_up = False

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        said = {"path": self.path, "body": body.decode(), "headers": dict(self.headers.items())}
        answer = json.dumps(said).encode()
        self.send_response_only(201)
        self.send_header("X-Own", "1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
        self.close_connection = Echo.hang_up

    do_GET = do_OPTIONS = do_POST

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def front() -> Iterator[Front]:
    Echo.hang_up = False
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=upstream.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    served = Front(0, f"http://127.0.0.1:{upstream.server_address[1]}")
    served.point_at("abc", "api", [(re.compile("/v1/[^/]+/x"), {"Access-Control-Allow-Methods": "GET,OPTIONS"})])
    served.start()
    yield served
    served.stop()
    upstream.shutdown()
    upstream.server_close()


def send(front: Front, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", front.server_address[1], timeout=10)
    try:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body=body or None, headers=named)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_request_reaches_the_stage_of_the_current_api_as_it_was_sent(front: Front):
    status, headers, body = send(front, "POST", "/v1/a%20b?q=1%2F2", b"hello", Authorization="Bearer t")
    said = json.loads(body)
    assert (status, headers["X-Own"]) == (201, "1")
    assert (said["path"], said["body"]) == ("/_aws/execute-api/abc/api/v1/a%20b?q=1%2F2", "hello")
    assert said["headers"]["Authorization"] == "Bearer t"


def test_a_new_api_is_served_at_the_same_address(front: Front):
    front.point_at("def", "api", [])
    assert json.loads(send(front, "GET", "/v1/x")[2])["path"] == "/_aws/execute-api/def/api/v1/x"


def test_a_kept_connection_that_the_cloud_closed_is_opened_again(front: Front):
    Echo.hang_up = True
    connection = http.client.HTTPConnection("127.0.0.1", front.server_address[1], timeout=10)
    for _ in range(3):
        connection.request("GET", "/v1/x")
        answer = connection.getresponse()
        assert (answer.status, bool(answer.read())) == (201, True)
    connection.close()


def test_preflight_is_answered_where_the_api_defines_it(front: Front):
    status, headers, body = send(front, "OPTIONS", "/v1/any/x")
    assert (status, headers["Access-Control-Allow-Methods"], body) == (200, "GET,OPTIONS", b"")
    assert send(front, "OPTIONS", "/v1/any/y")[0] == 201


def test_a_cloud_that_is_gone_is_a_bad_gateway(front: Front):
    front.upstream = "127.0.0.1:9"
    assert send(front, "GET", "/v1/x")[0] == 502


@pytest.mark.parametrize(
    ("headers", "status"),
    [({"Content_Length": str(10 * 1024 * 1024 + 1)}, 413), ({"Content_Length": "many"}, 400), ({"Accept": "x"}, 201)],
)
def test_what_no_gateway_takes_is_refused_before_it_is_read(front: Front, headers: dict[str, str], status: int):
    assert send(front, "GET", "/v1/x", **headers)[0] == status


@pytest.mark.parametrize("path", [b"/v1/\xe4", b"/v1/\x01", b"/v1/\xe8\x81\x9a"])
def test_a_path_that_is_no_url_is_a_bad_request(front: Front, path: bytes):
    with socket.create_connection(front.server_address, timeout=10) as raw:
        raw.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert raw.makefile("rb").readline().split()[1] == b"400"


def test_a_body_without_length_is_refused(front: Front):
    assert send(front, "GET", "/v1/x", Transfer_Encoding="chunked")[0] == 411


@pytest.mark.parametrize(
    ("method", "path"), [("OPTIONS", "/v1/a/x"), ("GET", "/media/pic_a/large"), ("GET", "/media/none")]
)
def test_a_body_that_nobody_wants_is_no_part_of_the_next_request(front: Front, method: str, path: str):
    front.media = (Pictures(), "media")
    connection = http.client.HTTPConnection("127.0.0.1", front.server_address[1], timeout=10)
    connection.request(method, path, body=b'{"unasked": 1}')
    connection.getresponse().read()
    connection.request("POST", "/v1/b", body=b"next")
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["body"]) == (201, "next")
    connection.close()


def test_preflights_are_read_from_the_definition():
    stated = {"method.response.header.Access-Control-Allow-Origin": {"Fn::Sub": "'${WebOrigin}'"}}
    integration = {"responses": {"default": {"statusCode": "200", "responseParameters": stated}}}
    paths = {
        "/v1/orders/{order_id}": {"get": {}, "options": {"x-amazon-apigateway-integration": integration}},
        "/v1/health": {"get": {}},
    }
    definition = {"Resources": {"RestAPI": {"Properties": {"DefinitionBody": {"paths": paths}}}}}
    parameters = {"WebOrigin": "https://www.jule.example"}
    ((pattern, headers),) = preflights(Deployed("abc", True, definition, parameters, {}))
    assert headers == {"Access-Control-Allow-Origin": "https://www.jule.example"}
    assert pattern.fullmatch("/v1/orders/ord_1")
    assert not pattern.fullmatch("/v1/orders/ord_1/pay")


class Pictures:
    """A bucket with two objects, one of which says that it is a page."""

    class exceptions:  # noqa: N801 - as boto3 names it
        """What a bucket refuses with."""

        class ClientError(Exception):
            """Not there."""

    def get_object(self, *, Key: str, **_: str) -> dict[str, object]:  # noqa: N803 - boto3's name
        """Give an object."""
        if Key not in {"pic_a/large", "pic_b/page"}:
            raise self.exceptions.ClientError
        kind = "text/html" if Key == "pic_b/page" else "image/webp"
        return {"ContentType": kind, "Body": io.BytesIO(b"<script>")}


@pytest.mark.parametrize("key", ["pic_a/large", "pic_b/page", "pic_a%2Flarge"])
def test_nobody_guesses_what_a_published_object_is(front: Front, key: str):
    front.media = (Pictures(), "media")
    for method in ("GET", "HEAD"):
        status, headers, _ = send(front, method, f"/media/{key}")
        assert (status, headers["X-Content-Type-Options"]) == (200, "nosniff")


def test_what_is_not_published_has_no_content(front: Front):
    front.media = (Pictures(), "media")
    for path in ("/media/a/none", "/media/", "/media/../v1/x"):
        status, headers, body = send(front, "GET", path)
        assert (status, body) == (404, b"")
        assert "Content-Type" not in headers

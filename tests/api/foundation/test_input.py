"""Hostile input at the edge: refused before anything runs, never a fault of ours, never echoed."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.scratch_api import Gateway, Scratch

CANARY = "canary-7f3a"


def test_a_body_that_is_no_text_is_refused(scratch: Scratch, ask: Gateway):
    assert ask("POST", "/v1/scratch", raw='{"name": "\ud800"}').code == "request.invalid"
    assert ask("POST", "/v1/scratch", raw=b'{"name": "\xff"}').code == "request.invalid"
    assert ask("POST", "/v1/scratch", raw=b"x" * (300 * 1024)).status == 413
    assert ask("POST", "/v1/scratch", raw=b"{}", headers={"Content-Type": "text/plain"}).status == 415
    assert ask("POST", "/v1/scratch", raw=None).status == 415
    assert scratch.calls == []


def test_a_body_that_the_gateway_spoilt_is_refused(scratch: Scratch):
    event: dict[str, Any] = {
        "requestContext": {"httpMethod": "POST", "resourcePath": "/v1/scratch", "requestId": "r"},
        "headers": {"content-type": "application/json"}, "multiValueQueryStringParameters": None,
        "pathParameters": None, "stageVariables": None, "body": "é*", "isBase64Encoded": True,
    }  # fmt: skip
    assert scratch.app(event, None)["statusCode"] == 400


def test_a_query_and_a_path_are_checked_before_anything_runs(scratch: Scratch, ask: Gateway):
    bad = [{"limit": ["0"]}, {"limit": ["1", "1"]}, {CANARY: ["1"]}, {"q": ["\ud800"]}, {"q": [CANARY * 9]}]
    for query in bad:
        reply = ask("GET", "/v1/scratch", query=query)
        assert reply.code == "request.invalid"
        assert CANARY not in reply.text
    for version in ("..", "%2e%2e%2f", "a%00", "a/b", "\ud800", "\ud800%41"):
        assert ask("GET", "/v1/scratch/{version}", path={"version": version}).code == "request.not_found"
    assert scratch.calls == []


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(CANARY),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just(CANARY), inner, max_size=3),
)
things = anything | st.fixed_dictionaries({}, optional={"name": anything, "lines": st.lists(anything, max_size=3)})


@settings(max_examples=150)
@given(value=things, header=st.text(max_size=20) | st.just(CANARY), path=st.text(max_size=12))
def test_no_input_breaks_the_edge_or_is_echoed(value: Any, header: str, path: str, scratch: Scratch, ask: Gateway):
    text = json.dumps(value)
    headers = {"X-Client": header, "X-Device": header, "Accept-Language": header, "Authorization": header}
    replies = [
        ask("POST", "/v1/scratch", raw=text, headers=headers),
        ask("GET", "/v1/scratch", query={"q": [path], header: [text]}, headers=headers),
        ask("GET", "/v1/scratch/{version}", path={"version": path}, headers=headers),
        ask("GET", "/v1/scratch/mine", headers={**headers, "Authorization": f"Bearer {header}"}),
        ask("POST", "/v1/scratch/things", raw=text, headers={**headers, "Idempotency-Key": header}),
    ]
    for reply in replies:
        assert reply.status < 500
        if reply.status >= 400:
            assert reply.code
        assert CANARY not in reply.text

"""A browser of the website may read every answer, refusals included, and what their headers say."""

import pytest

from chalicelib.foundation.web.cors import READ, Website
from tests.support.scratch_api import Gateway, Scratch

ORIGIN = "https://www.jule.example"


@pytest.mark.parametrize(
    ("method", "resource", "status"),
    [
        ("GET", "/v1/scratch", 200),
        ("GET", "/v1/scratch/mine", 401),
        ("GET", "/v1/nowhere", 404),
        ("DELETE", "/v1/scratch", 405),
    ],
)
def test_every_answer_may_be_read_from_the_website(ask: Gateway, method: str, resource: str, status: int):
    reply = ask(method, resource)
    assert reply.status == status
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert {"ETag", "Retry-After", "X-Request-Id"} <= set(reply.headers["Access-Control-Expose-Headers"].split(","))


def test_every_header_of_ours_that_a_client_acts_on_may_be_read(ask: Gateway):
    sent = set(ask("GET", "/v1/scratch").headers)
    own = {name for name in sent if name.startswith(("X-Request", "RateLimit", "ETag", "Content-Language"))}
    assert own <= set(READ)


@pytest.mark.usefixtures("scratch")  # whose end takes the scratch routes off the list
def test_without_a_website_no_browser_is_let_in(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("WEB_ORIGIN")
    reply = Gateway(Scratch().app)("GET", "/v1/scratch")
    assert reply.status == 200
    assert not any(name.startswith("Access-Control") for name in reply.headers)


@pytest.mark.promise("A5.2")
def test_cookies_go_along_from_the_one_website_only():
    stated = Website(ORIGIN).get_access_control_headers()
    assert stated["Access-Control-Allow-Origin"] == ORIGIN
    assert stated["Access-Control-Allow-Credentials"] == "true"
    assert "*" not in str(stated)


def test_an_answer_says_that_it_depends_on_the_origin(ask: Gateway):
    reply = ask("GET", "/v1/scratch", headers={"Origin": "https://evil.example"})
    assert reply.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "Origin" in reply.headers["Vary"].split(", ")

"""The API in this process, as a client library reaches it over `requests`."""

from typing import Any

from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from .edges import Http, Reply
from .outward import ISSUER


class Wire(BaseAdapter):
    """Takes what a library sends to our address, as it would go over the wire, and gives back what came."""

    def __init__(self, http: Http) -> None:
        super().__init__()
        self.http = http
        self.answers: list[Reply] = []

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        """Send a request whose address is ours."""
        assert request.url is not None
        assert request.method is not None
        content = request.body.encode() if isinstance(request.body, str) else request.body or b""
        place = request.url.removeprefix(ISSUER)
        assert place.startswith("/v1/"), request.url
        reply = self.http(request.method, place, raw=content, headers={**request.headers})
        self.answers.append(reply)
        response = Response()
        response.status_code, response.headers = reply.status, CaseInsensitiveDict(reply.headers)
        response._content, response.url, response.request = reply.text.encode(), request.url, request
        return response

    def close(self) -> None:
        """Hold nothing open."""


def wired(session: Session, http: Http) -> Wire:
    """Have a library's session reach the API here, and nothing else anywhere."""
    wire = Wire(http)
    session.adapters.clear()
    session.mount(ISSUER, wire)
    return wire

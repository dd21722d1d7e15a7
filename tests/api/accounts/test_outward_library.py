"""A client library that thousands use logs people in with an account of ours, knowing nothing but our metadata."""

import pytest
import requests
from oauthlib.oauth2 import InvalidGrantError, MismatchingStateError
from requests_oauthlib import OAuth2Session

from infra.local.club import CALLBACK, CLIENT, GALLERY, GALLERY_CALLBACK, SCOPE, SECRET
from tests.support.accounts import Member
from tests.support.client_wire import wired
from tests.support.edges import Http
from tests.support.outward import ISSUER, Elsewhere, came_back

RFC8414 = {"issuer", "authorization_endpoint", "token_endpoint", "response_types_supported"}


class Library:
    """A service that leaves the protocol to its library."""

    def __init__(self, http: Http, *, client_id: str = CLIENT, callback: str = CALLBACK, secret: str = SECRET) -> None:
        self.elsewhere, self.secret = Elsewhere(http), secret
        with requests.Session() as plain:
            wired(plain, http)
            self.found = plain.get(f"{ISSUER}/v1/oauth/metadata").json()
        scope = SCOPE.split() if client_id == CLIENT else ["profile.nickname"]
        self.session = OAuth2Session(client_id, redirect_uri=callback, scope=scope, pkce="S256")
        self.session.auto_refresh_url = self.found["token_endpoint"]
        self.session.auto_refresh_kwargs = self.proof
        self.session.token_updater = self.kept
        wired(self.session, http)

    @property
    def proof(self) -> dict[str, object]:
        """Give what it proves itself with: a secret, or that there is none."""
        if not self.secret:
            return {"include_client_id": True}
        return {"client_id": self.session.client_id, "client_secret": self.secret}

    def kept(self, token: dict[str, object]) -> None:
        """Keep what a refresh gave."""
        self.session.token = token

    def press(self, who: Member, answer: str) -> str:
        """Send somebody to the page, and give the address that their browser comes back with."""
        address, _ = self.session.authorization_url(self.found["authorization_endpoint"])
        page = self.elsewhere.page(who, address.partition("?")[2])
        return self.elsewhere.press(page, answer).headers["Location"]

    def fetch(self, back: str) -> dict[str, object]:
        """Exchange what came back."""
        proof = {"client_secret": self.secret} if self.secret else {"include_client_id": True}
        return dict(self.session.fetch_token(self.found["token_endpoint"], authorization_response=back, **proof))


@pytest.fixture
def library(http: Http) -> Library:
    """Give the service."""
    return Library(http)


@pytest.mark.promise("B3.1", "B3.2")
def test_it_logs_somebody_in_reads_refreshes_and_ends(library: Library, http: Http, who: Member):
    token = library.fetch(library.press(who, "agree"))
    assert (token["token_type"], token["scope"]) == ("Bearer", SCOPE.split())
    known = library.session.get(library.found["userinfo_endpoint"])
    assert (known.status_code, known.json()["name"]) == (200, who.user_name)
    library.session.token = {**token, "expires_at": 1}  # as it counts, that one has run out
    again = library.session.get(library.found["userinfo_endpoint"])
    assert (again.status_code, again.json()) == (200, known.json())
    assert library.session.token["refresh_token"] != token["refresh_token"]
    ended = library.session.post(
        library.found["revocation_endpoint"],
        data={"token": library.session.token["refresh_token"]},
        auth=(CLIENT, SECRET),
        withhold_token=True,
    )
    assert ended.status_code == 200
    assert library.session.get(library.found["userinfo_endpoint"]).status_code == 401
    assert [link["state"] for link in http("GET", "/v1/links", who=who).json["data"]] == ["ended"]


@pytest.mark.promise("B3.1")
def test_an_app_without_a_secret_uses_it_alike(http: Http, who: Member):
    app = Library(http, client_id=GALLERY, callback=GALLERY_CALLBACK, secret="")
    app.fetch(app.press(who, "agree"))
    known = app.session.get(app.found["userinfo_endpoint"])
    assert (known.status_code, known.json().keys()) == (200, {"sub"})


@pytest.mark.promise("A2.3")
def test_it_understands_a_refusal_and_what_else_is_told(library: Library, who: Member):
    with pytest.raises(Exception, match="access_denied"):
        library.fetch(library.press(who, "refuse"))
    back = library.press(who, "agree")
    library.fetch(back)
    with pytest.raises(InvalidGrantError):
        library.fetch(back)
    library.session.token = {"access_token": "x", "refresh_token": "y", "expires_at": 1}
    with pytest.raises(InvalidGrantError):
        library.session.get(library.found["userinfo_endpoint"])


def test_an_answer_to_somebody_elses_attempt_is_no_answer_to_it(http: Http, library: Library, who: Member):
    other = Library(http)
    library.press(who, "agree")
    with pytest.raises(MismatchingStateError):
        library.fetch(other.press(who, "agree"))


def test_the_metadata_are_whole_and_name_addresses_of_ours_only(library: Library, http: Http):
    found = library.found
    assert found.keys() >= RFC8414
    assert found["issuer"] == ISSUER
    assert found["authorization_response_iss_parameter_supported"] is True
    assert found["response_types_supported"] == ["code"]
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    for name, address in found.items():
        if name.endswith("_endpoint"):
            place = address.removeprefix(f"{ISSUER}/")
            assert http("GET", f"/{place}").status != 404 or http("POST", f"/{place}").status != 404, name
    refused = came_back(library.elsewhere.open("response_type=token&client_id=" + CLIENT + "&redirect_uri=" + CALLBACK))
    assert refused == {"error": "unsupported_response_type", "iss": found["issuer"]}, "no state came, none goes back"

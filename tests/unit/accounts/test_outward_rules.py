"""What log-in elsewhere decides without asking anybody."""

import msgspec
import pytest

from chalicelib.accounts.contracts.outward import AuthorizationQuery
from chalicelib.accounts.rules import outward
from chalicelib.accounts.rules.outward_pages import Asking, Whom, consent_page, guest_page
from chalicelib.foundation.register import lookup

VERIFIER, CHALLENGE = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""The example of RFC 7636, appendix B."""
EVIL = "<script>alert('x')</script>\"' onmouseover=\""


def asked(**changes: str) -> AuthorizationQuery:
    given = {
        "response_type": "code",
        "client_id": "sample_club",
        "redirect_uri": "https://club.example/oauth/callback",
        "scope": "account.user_name",
        "state": "any",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return AuthorizationQuery(**{**given, **changes})


@pytest.mark.promise("B3.1")
def test_samples_are_nobody_in_production():
    for client in lookup.clients():
        assert outward.client_named(client.id, samples=True) == client
        assert client.sample
        assert outward.client_named(client.id, samples=False) is None


def test_a_service_that_is_none_is_nobody_anywhere():
    assert outward.client_named("nosuch", samples=True) is None


def test_a_verifier_is_held_against_its_challenge():
    assert outward.is_verified(CHALLENGE, VERIFIER)
    assert not outward.is_verified(CHALLENGE, VERIFIER[:-1] + "l")
    assert not outward.is_verified(CHALLENGE, CHALLENGE), "what `plain` would take"
    for other in ("", VERIFIER[:42], VERIFIER + "=", "x" * 129, VERIFIER + "\n"):
        assert not outward.is_verified(CHALLENGE, other)


@pytest.mark.parametrize(
    "scope", ["", " ", "account.user_name ", "account.user_name  account.language", "account.Mobile"]
)
def test_a_scope_is_read_to_the_letter(scope: str):
    assert outward.fault_of(asked(scope=scope), lookup.client("sample_club")) == "invalid_scope"
    assert outward.fault_of(asked(), lookup.client("sample_club")) == ""


def test_one_of_two_secrets_will_do_while_one_is_replaced():
    club = lookup.client("sample_club")
    both = msgspec.structs.replace(club, secrets_sha256=(outward.digest_of("old"), outward.digest_of("new")))
    assert [outward.is_secret_of(both, secret) for secret in ("old", "new", "", "other")] == [True, True, False, False]


@pytest.mark.promise("B3.1")
def test_a_token_is_worth_what_scope_link_and_register_all_allow():
    club = lookup.client("sample_club")
    scope, linked = "account.user_name account.language", ["account.user_name", "profile.nickname"]
    assert outward.still_agreed(scope, linked, club) == ("account.user_name",)
    narrowed = msgspec.structs.replace(club, fields=("account.language",))
    assert outward.still_agreed(scope, linked, narrowed) == ()


@pytest.mark.promise("A4.1")
def test_nothing_that_a_page_shows_becomes_part_of_it():
    notice = lookup.notice(outward.PURPOSE).texts["zh-CN"]
    asking = Asking(EVIL, EVIL, (EVIL,), "https://x.example/" + EVIL, EVIL)
    for page in (consent_page(asking, notice, Whom(EVIL, EVIL, EVIL)), guest_page(EVIL)):
        assert "<script" not in page
        assert '" onmouseover=' not in page
        assert "&lt;script&gt;" in page

"""What must hold for third-party services: bend one thing, and it is named."""

import pytest

from infra.register.clients import problems_of

CLUB = "sample_club"


def test_the_services_as_they_are_have_no_contradiction(register):
    assert problems_of(register) == []
    assert {client.confidential for client in register.clients.values()} == {True, False}


@pytest.mark.promise("B3.1")
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"recipient": "nosuch"}, "unknown recipient nosuch"),
        ({"recipient": "sms"}, "must get exactly its fields"),
        ({"fields": ("account.user_name",)}, "must get exactly its fields"),
        ({"fields": ("account.mobile",)}, "account.mobile is no item that serves account.outward_login"),
        ({"fields": ("nosuch",)}, "nosuch is no item that serves account.outward_login"),
        ({"redirect_uris": ()}, "addresses must be https"),
        ({"redirect_uris": ("http://club.example/oauth/callback",)}, "addresses must be https"),
        ({"redirect_uris": ("https://club.example/oauth?x=1",)}, "addresses must be https"),
        ({"redirect_uris": ("https://club.example/oauth#x",)}, "addresses must be https"),
        ({"redirect_uris": ("https://club.example/a/../b",)}, "addresses must be https"),
        ({"redirect_uris": ("https://somebody@club.example/oauth",)}, "addresses must be https"),
        ({"redirect_uris": ("https://club.example:8443/oauth",)}, "addresses must be https"),
        ({"redirect_uris": ("https://club.example/oauth", "club://oauth")}, "addresses must be https"),
        ({"rules": "javascript:alert(1)"}, "addresses must be https"),
        ({"confidential": False}, "a public one has none"),
        ({"secrets_sha256": ()}, "a confidential client has the SHA-256"),
        ({"secrets_sha256": ("0" * 63,)}, "a confidential client has the SHA-256"),
    ],
)
def test_a_contradiction_is_named(bend, changes, problem):
    assert any(problem in said for said in problems_of(bend("clients", CLUB, **changes)))

"""A session alone changes no way in, no contact and nobody else's data; whatever needs no fresh proof says why here."""

import pytest

from chalicelib.foundation.web.route import Route, Who
from tests.support.edges import Http
from tests.support.people import make_person
from tests.support.routes import ROUTES, named
from tests.support.trading import key

from .test_routes import path_of

PROVES = "the act itself asks for a password, a code or the other account's proof"
SAFETY = "makes the account safer, and must work in a hurry"
AS_EASY = "withdrawing is as easy as agreeing (Personal Information Protection Law, 15)"
ASKS = "the person agrees to exactly this on a page or a notice of its own"
WORDS = "a word or choice of one's own, optional, and put back as easily"
EVERYDAY = "everyday use; what is bought is paid at the provider, who asks again"
FOLLOWS = "only goes on with what was begun by fresh proof, or leads to what asks for it"

WITHOUT = {
    PROVES: (
        "PUT /v1/accounts/password",
        "POST /v1/merges/preview",
        "POST /v1/sessions/reauthentication",
        "POST /v1/sessions/reauthentication/by-code",
    ),
    SAFETY: (
        "DELETE /v1/recovery",
        "POST /v1/reports/fraud/mine",
        "POST /v1/sessions/end-others",
        "POST /v1/sessions/logout",
        "DELETE /v1/sessions/{session_id}",
    ),
    AS_EASY: (
        "DELETE /v1/consents/{purpose}",
        "DELETE /v1/guardianships/{child_id}",
        "DELETE /v1/links/{link_id}",
    ),
    ASKS: ("POST /v1/consents", "POST /v1/oauth/handovers"),
    WORDS: tuple(
        f"{method} /v1/profile/{field}"
        for field in ("avatar", "birth-date", "gender", "nickname", "residence", "visibility")
        for method in ("PUT", "DELETE")
    ),
    EVERYDAY: (
        "POST /v1/cases",
        "POST /v1/cases/{case_id}/messages",
        "DELETE /v1/comments/{comment_id}",
        "POST /v1/inbox/{message_id}/read",
        "POST /v1/media",
        "POST /v1/orders",
        "POST /v1/orders/{order_id}/cancel",
        "POST /v1/orders/{order_id}/hide",
        "POST /v1/orders/{order_id}/payments",
        "POST /v1/orders/{order_id}/payments/sync",
        "POST /v1/orders/{order_id}/receive",
        "POST /v1/posts",
        "DELETE /v1/posts/{post_id}",
        "POST /v1/posts/{post_id}/comments",
    ),
    FOLLOWS: (
        "POST /v1/accounts/me/codes",
        "POST /v1/profile/email/codes",
        "POST /v1/verification/face/result",
    ),
}
ACTS = [route for route in ROUTES if route.who is Who.PERSON and route.method != "GET"]
EXCEPT = {name for names in WITHOUT.values() for name in names}


@pytest.mark.promise("K4.3")
def test_every_act_asks_for_fresh_proof_or_says_here_why_not():
    assert {f"{route.method} {route.path}" for route in ACTS if not route.recent} == EXCEPT


@pytest.mark.promise("K4.3")
@pytest.mark.parametrize("route", [route for route in ROUTES if route.recent], ids=named)
def test_a_session_alone_is_asked_to_prove_who_it_is(http: Http, route: Route):
    someone = make_person(consents=[route.purpose])
    answer = http(route.method, path_of(route), who=someone, headers={**key(), "If-Match": '"1"'})
    assert (answer.status, answer.code) == (403, "session.reauthentication_required")

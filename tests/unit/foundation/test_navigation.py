"""Which requests for a page that people answer a browser sends for a person, and which for something else."""

import pytest

from chalicelib.foundation.web.navigation import NotNavigated, refuse_unless_navigated

OPENED = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.mark.parametrize("site", ["none", "same-origin", "same-site", "cross-site"])
def test_a_page_may_be_opened_from_anywhere(site: str):
    refuse_unless_navigated("GET", {**OPENED, "sec-fetch-site": site, "sec-fetch-user": "?1"})
    refuse_unless_navigated("GET", {})


def test_a_form_is_our_own_pages():
    refuse_unless_navigated("POST", {**OPENED, "sec-fetch-site": "same-origin"})
    refuse_unless_navigated("POST", {})
    for site in ("none", "same-site", "cross-site"):
        with pytest.raises(NotNavigated):
            refuse_unless_navigated("POST", {**OPENED, "sec-fetch-site": site})


@pytest.mark.promise("A4.1")
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "said",
    [
        {"sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-mode": "no-cors"},
        {"sec-fetch-dest": "iframe"},
        {"sec-fetch-dest": "embed"},
        {"sec-fetch-dest": "object"},
        {"sec-fetch-dest": "image"},
        {"sec-purpose": "prefetch"},
        {"sec-purpose": "prefetch;prerender"},
    ],
)
def test_what_no_person_opened_is_refused(method: str, said: dict[str, str]):
    with pytest.raises(NotNavigated):
        refuse_unless_navigated(method, {**OPENED, "sec-fetch-site": "same-origin", **said})

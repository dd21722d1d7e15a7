"""What a copy of an account's rows shows: every personal value, and no digest that helps to guess."""

from datetime import UTC, datetime

import pytest

from chalicelib.foundation.store.erase import values_of
from chalicelib.foundation.store.planner import read, traverse
from tests.support.accounts import enrol


@pytest.mark.promise("J2.1", "N2.2")
def test_a_copy_holds_the_person_their_session_and_device_but_no_digest(counterparties):
    who = enrol(counterparties, datetime.now(UTC))
    shown = {row.row_kind: values_of(row) for row in read(traverse(who.person_id))}
    assert (shown["profile"]["user_name"], shown["profile"]["mobile"]) == (who.user_name, f"+86{who.mobile}")
    session = shown["session"]
    assert (session["pk"], session["device"], session["channel"]) == (who.session_id, "Pixel 9; Android 16", "app")
    assert {"started_at", "last_used_at"} <= session.keys()
    assert "token_digest" not in session
    assert "password" not in shown["mobile_login"].keys() | shown["name_login"].keys()

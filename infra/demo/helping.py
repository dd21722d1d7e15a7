"""Step 5c: customer service, and what its looks leave behind."""

from .life import Life, wait_for_notice
from .staff import clerk_of
from .world import check, key


def ask_customer_service(life: Life) -> None:
    """5c A case: staff see its person masked, open one field for minutes, answer; every look is told. And a letter.

    Proves: E1.1, K4.4, K4.6, K4.7, K7.1, N1.1
    """
    person = life.person
    clerk = life.saved["clerk"] = clerk_of(life.world, life.mark)
    asked = {"topic": "account", "text": life.plant("case", f"想改地址{life.mark}")}
    case_id = person.want(201, "POST /v1/cases", asked, Idempotency_Key=key())["case_id"]
    life.other.refused("request.not_found", f"GET /v1/cases/{case_id}")
    person.refused("session.invalid", "GET /v1/desk/cases")
    clerk.refused("session.invalid", "GET /v1/accounts/me")
    desk = f"/v1/desk/cases/{case_id}"
    clerk.refused("support.not_assigned", f"GET {desk}")
    clerk.want(200, f"POST {desk}/take")
    check(life.mobile not in str(clerk.want(200, f"GET {desk}/person")), "the number is masked")
    clerk.want(201, f"POST {desk}/looks", {"fields": ["account.mobile"], "purpose": "account.service"})
    check(life.mobile in str(clerk.want(200, f"GET {desk}/person")), "the number is open")
    clerk.want(201, f"POST {desk}/messages", {"text": life.plant("answer", f"已登记{life.mark}")})
    wait_for_notice(person, "case_answered")
    clerk.want(200, f"POST {desk}/close")
    looks = person.want(200, "GET /v1/looks")["data"]
    check([one["action"] for one in looks] == ["opened", "opened", "granted", "opened"], "every look is told")
    check("support.text" in looks[0]["items"], "reading the case is one of them")
    check({one["purpose"] for one in looks} == {"account.service"}, "each names what it was for")
    check({one["case_id"] for one in looks} == {case_id}, "each names its case")
    letter = {"topic": "other", "text": f"来信{life.mark}", "contact": f"{life.mark}@example.com"}
    check(life.guest.want(201, "POST /v1/contact", letter)["answer_by"], "a letter needs no account")

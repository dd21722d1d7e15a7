"""What must hold within the register itself: bend one thing, and it is named."""

import pytest

from infra.register.rules import problems_of, unpromised


def test_the_register_as_it_is_has_no_contradiction(register):
    assert problems_of(register) == []


@pytest.mark.parametrize(
    ("section", "entry_id", "changes", "problem"),
    [
        ("items", "account.mobile", {"purposes": ("nosuch",)}, "unknown purpose nosuch"),
        ("items", "account.mobile", {"purposes": ()}, "is for no purpose"),
        ("items", "account.mobile", {"retention": "nosuch"}, "unknown retention nosuch"),
        ("items", "account.mobile", {"recipients": ("sms", "nosuch")}, "unknown recipient nosuch"),
        ("items", "account.mobile", {"recipients": ()}, "recipient sms: item account.mobile does not name it"),
        ("items", "account.mobile", {"recipients": ("sms", "wechat")}, "wechat does not list it"),
        ("items", "account.mobile", {"secrecy": "plain"}, "why_plain belongs to plain items"),
        ("items", "account.mobile", {"why_plain": "because"}, "why_plain belongs to plain items"),
        ("items", "account.mobile", {"sensitive": True}, "sensitive, but account.service has the ground contract"),
        ("items", "post.place", {"secrecy": "public"}, "sensitive, so it must be sealed"),
        ("purposes", "community.place", {"separate": False}, "separate = False but ground is separate_consent"),
        ("purposes", "order.fulfil", {"separate": True}, "separate = True but ground is contract"),
        ("purposes", "account.membership", {"essential": True}, "essential, so its ground can't be consent"),
        ("purposes", "order.fulfil", {"promises": ()}, "names no promise"),
        ("recipients", "sms", {"purposes": ("order.payment",)}, "item account.mobile shares no purpose with it"),
        ("recipients", "sms", {"purposes": ("nosuch",)}, "unknown purpose nosuch"),
        ("recipients", "sms", {"fields": ("nosuch",)}, "unknown item nosuch"),
        ("recipients", "wechat", {"fields": ("*",)}, "only a processor may hold everything"),
        ("retention", "code.life", {"period": "10 minutes"}, "'10 minutes' is not a period"),
    ],
)
def test_a_contradiction_is_named(bend, section, entry_id, changes, problem):
    assert any(problem in said for said in problems_of(bend(section, entry_id, **changes)))


def test_a_period_that_nothing_uses_is_named(bend):
    bent = bend("items", "post.text", retention="account.life")
    bent = type(bent)(bent.purposes, {"post.text": bent.items["post.text"]}, {}, bent.retention)
    assert "retention code.life: no item uses it" in problems_of(bent)


def test_a_promise_that_does_not_exist_is_named(bend):
    bent = bend("purposes", "order.fulfil", promises=("D1", "Z9"))
    assert list(unpromised(bent, {"D1", *(p for e in bent.purposes.values() for p in e.promises)} - {"Z9"})) == [
        "purpose order.fulfil: unknown promise Z9"
    ]

"""E-mail addresses: plain ones are taken, and nothing that could be another header or command."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.accounts.rules.addresses import email_of, mask_email
from chalicelib.foundation.kernel.errors import InvalidInput

GOOD = [
    ("someone@example.com", "someone@example.com"),
    (" Some.One+toys@EXAMPLE.Com.CN ", "Some.One+toys@example.com.cn"),
    ("10086@qq.com", "10086@qq.com"),
    ("a@xn--fiqs8s.xn--fiqs8s", "a@xn--fiqs8s.xn--fiqs8s"),
]
BAD = [
    "", "@", "a", "a@", "@example.com", "a@b", "a@b.c", "a b@example.com", "a@exa mple.com", ".a@example.com",
    "a.@example.com", "a..b@example.com", "a@-example.com", "a@example-.com", "a@example..com", "a@127.0.0.1",
    "a@[127.0.0.1]", '"a b"@example.com', "a@example.com\r\nBcc: b@example.com", "a@example.com\nRCPT TO:<b@c.cn>",
    "a@example.com\x00", "a\t@example.com", "a@example.com,b@example.com", "<a@example.com>", "张@example.com",
    "a@示例.中国", "ａ@example.com", "a@example.com\u2028", "x" * 65 + "@example.com", "a@" + "b." * 130 + "cn",
]  # fmt: skip


@pytest.mark.promise("B2.6")
@pytest.mark.parametrize(("text", "address"), GOOD)
def test_a_plain_address_is_taken(text, address):
    assert email_of(text) == email_of(address) == address


@pytest.mark.promise("B2.6")
@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        email_of(text)
    assert [(e.pointer, e.code) for e in refused.value.errors] == [("/email", "email")]


@given(st.one_of(st.text(max_size=60), st.emails()))
def test_what_is_taken_holds_nothing_that_ends_a_line_or_an_address(text):
    try:
        address = email_of(text)
    except InvalidInput:
        return
    assert address.isascii()
    assert address.isprintable()
    assert not set(address) & set(' \r\n\t<>,;:()[]"\\')
    assert email_of(address) == address


@pytest.mark.promise("B2.6")
@pytest.mark.parametrize(("address", "shown"), [("someone@qq.com", "s***@qq.com"), ("a@b.cn", "a***@b.cn")])
def test_an_address_is_shown_masked(address, shown):
    assert mask_email(address) == shown

"""What a client may send: exactly the fields that are documented."""

import msgspec
import pytest

from chalicelib.accounts.contracts.accounts import SignUp
from chalicelib.accounts.service import passwords

GOOD = {
    "mobile": "13800138000",
    "code": "123456",
    "user_name": "小明",
    "password": "hT7#kqPw",
    "policy": {"version": "1.0.0", "sha256": "0" * 64, "language": "zh-CN", "shown_at": "2026-11-22T12:00:00Z"},
}


def decode(body: object) -> SignUp:
    return msgspec.json.decode(msgspec.json.encode(body), type=SignUp)


@pytest.mark.promise("B1.1")
def test_sign_up_asks_for_number_name_and_password_and_nothing_else():
    fields = {field.name for field in msgspec.structs.fields(SignUp)}
    assert fields == {"mobile", "user_name", "password"} | {"code", "policy"} | {"birth_date"}
    assert decode(GOOD).user_name == "小明"


@pytest.mark.promise("B1.1")
@pytest.mark.parametrize("name", GOOD)
def test_each_of_them_is_needed(name):
    with pytest.raises(msgspec.ValidationError):
        decode({key: value for key, value in GOOD.items() if key != name})


@pytest.mark.promise("B1.1")
@pytest.mark.parametrize("extra", ["person_id", "status", "epoch", "consents", "roles", "email", "gender", "openid"])
def test_nothing_else_is_taken(extra):
    with pytest.raises(msgspec.ValidationError):
        decode({**GOOD, extra: "x"})


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", "１２３４５６", "123456\n", 123456, None, ["123456"]])
def test_a_code_is_six_digits(code):
    with pytest.raises(msgspec.ValidationError):
        decode({**GOOD, "code": code})


@pytest.mark.promise("K4.3")
def test_digests_are_of_the_strength_that_owasp_asks_for():
    digest = passwords.digest_of("hT7#kqPw")
    assert digest.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.digest_of("hT7#kqPw") != digest


@pytest.mark.promise("K4.4")
def test_what_stands_in_for_nobody_costs_what_a_real_digest_costs():
    real, stand_in = passwords.digest_of("hT7#kqPw"), passwords.NOBODY
    assert stand_in.rsplit("$", 2)[0] == real.rsplit("$", 2)[0]
    assert [len(part) for part in stand_in.split("$")] == [len(part) for part in real.split("$")]

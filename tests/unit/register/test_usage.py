"""What the register has for nothing, and purposes that code names but nobody registered."""

from chalicelib.foundation.register.model import RowAttribute, RowEntry
from infra.register.usage import idle_recipients, purposes_named, recipients_named, unknown_purposes, unused

ROUTES = """
@endpoint("POST", "/v1/a", purpose="order.fulfil")
def place(call): ...

@endpoint("GET", "/v1/b", purpose="no.such")
def look(call): ...

@endpoint("GET", "/v1/c", purpose="")
def none(call): ...
"""


def test_purposes_are_read_from_routes_and_jobs_only(tmp_path, register):
    package = tmp_path / "chalicelib"
    for name in ("a/routes.py", "b/jobs.py", "c/routes/place.py", "a/service.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(ROUTES.replace("order.fulfil", name.replace("/", ".")))
    named = purposes_named(package)
    assert set(named) == {"a.routes.py", "b.jobs.py", "c.routes.place.py", "no.such"}
    assert "chalicelib/a/routes.py:5: unknown purpose no.such" in unknown_purposes(register, named)


def test_an_item_without_a_row_is_unused(register):
    row = RowEntry("m:Row", "people", "x", ("pk",), (RowAttribute("a", "a", item="account.mobile"),))
    said = unused(register, [row], [])
    assert "item account.mobile: no row holds it" not in said
    assert "item account.password: no row holds it" in said
    assert "item media.picture: no row holds it" not in said


def test_a_purpose_that_neither_item_nor_endpoint_serves_is_unused(register):
    bare = type(register)(register.purposes, {}, register.recipients, register.retention)
    said = unused(bare, [], ["order.fulfil"])
    assert "purpose order.payment: no item and no endpoint serves it" in said
    assert "purpose order.fulfil: no item and no endpoint serves it" not in said


def test_a_recipient_of_the_product_that_no_gateway_sends_to_is_idle(register, tmp_path):
    gateways = tmp_path / "chalicelib" / "foundation" / "gateways"
    gateways.mkdir(parents=True)
    (gateways / "sms.py").write_text('RECIPIENT: Final = "sms"\n')
    named = recipients_named(tmp_path / "chalicelib")
    assert named == {"sms"}
    said = idle_recipients(register, named)
    assert "recipient wechatpay: no gateway sends to it" in said
    assert not any("sms" in line or "carrier" in line or "hosting" in line for line in said)

"""What nobody sees unless an alarm tells: lines of the log that a human must hear of."""

import re
from typing import Any

import pytest

from chalicelib.foundation.kernel.log import Event

pytestmark = pytest.mark.timeout(600)  # the first build fetches every wheel

_ADDRESS = "https://api.jule.example.com.cn/v1/payments/wechat/notifications"


def of_type(resources: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}


def test_what_only_the_log_tells_raises_an_alarm(resources: dict[str, Any]):
    alarms = {one["MetricName"] for one in of_type(resources, "AWS::CloudWatch::Alarm").values()}
    groups = of_type(resources, "AWS::Logs::LogGroup")
    told: set[tuple[str, str]] = set()
    for name, one in of_type(resources, "AWS::Logs::MetricFilter").items():
        (metric,) = one["MetricTransformations"]
        assert metric["MetricName"] in alarms, name
        fields = re.findall(r"\$\.(\w+)", one["FilterPattern"]) + re.findall(r"^\$\.(\w+)$", metric["MetricValue"])
        (event,) = re.findall(r'\$\.event = "(\w+)"', one["FilterPattern"])
        declared = next(keys for known, keys in (what.value for what in Event) if known == event)
        assert {*fields} - {"event"} <= declared, name
        told.add((event, groups[one["LogGroupName"]["Ref"]]["LogGroupName"]["Fn::Sub"]))
    api, sweep = "/aws/lambda/${APIHandler}", "/aws/lambda/${CloseUnpaid}"
    settling = {(event, group) for event in ("payment_mismatch", "refund_stuck") for group in (api, sweep)}
    said = {
        ("sweep_done", sweep),
        ("request_done", api),
        ("staff_refused", api),
        ("message_budget", api),
        ("recovery_pressed", api),
    }
    assert told == settling | said


def test_the_address_of_notifications_carries_no_query(template: dict[str, Any]):
    """Pitfall 5: WeChat Pay refuses one that does."""
    pattern = template["Parameters"]["WechatpayNotifyUrl"]["AllowedPattern"]
    assert re.fullmatch(pattern, _ADDRESS)
    for wrong in ("?", "?from=wechat", "#"):
        assert not re.fullmatch(pattern, _ADDRESS + wrong)

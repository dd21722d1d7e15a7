"""A process of its own with tracing switched on, since the patch of botocore stays; prints what it traced."""

import json
from contextlib import suppress
from typing import Any

from botocore.exceptions import BotoCoreError

from chalicelib.foundation.gateways.errors import ProviderUnavailable
from chalicelib.foundation.gateways.transport import Exchange, exchange
from chalicelib.foundation.vault.clients import client
from chalicelib.foundation.vault.tracing import recorder

NOWHERE = "http://127.0.0.1:9"


class Sink:
    """Takes the place of the daemon."""

    def __init__(self) -> None:
        self.sent: list[Any] = []

    def send_entity(self, entity: Any) -> None:
        self.sent.append(json.loads(entity.serialize()))

    def set_daemon_address(self, address: str | None) -> None:
        pass


def main() -> None:
    sink, to = Sink(), recorder()
    client("dynamodb")
    to.configure(emitter=sink, sampling=False, context_missing="RUNTIME_ERROR")
    with to.in_segment("request"):
        with suppress(ProviderUnavailable):
            exchange(Exchange("wechat", "code2session", "GET", f"{NOWHERE}/?secret=canary", {"X-Key": "canary"}))
        with suppress(BotoCoreError):
            client("dynamodb").get_item(TableName="jule-test-people", Key={"pk": {"S": "canary"}, "sk": {"S": "x"}})
    print(json.dumps(sink.sent))


if __name__ == "__main__":
    main()

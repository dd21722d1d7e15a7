"""The product in this process, over a local cloud and counterparties of its own, driven by events of API Gateway."""

import contextlib
import json
import os
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import boto3
import urllib3
from botocore.config import Config

from ..local import ministack
from ..local.counterparties.server import Running
from ..local.provision import provision
from .events import event
from .recording import Item, Recorder, Recording

STAGE = "bench"
_PARAMETERS = {
    "PublicBaseUrl": "https://api.jule.example",
    "MediaBaseUrl": "https://media.jule.example",
    "ErasureSettleS": "0",
}
_OURS = {
    "TRACING": "off",
    "WEB_ORIGIN": "https://www.jule.example",
    "AWS_LAMBDA_FUNCTION_NAME": "jule-bench-api",
    "SMS_REGION": "ap-guangzhou",
}


class Unexpected(AssertionError):
    """A request of the bench was not answered as it should be."""


class Town:
    """A furnished local cloud with the API before it; `ask` sends a request, `record` records one."""

    def __init__(self) -> None:
        """Nothing starts yet."""
        self._held = contextlib.ExitStack()
        self._pool = urllib3.PoolManager(retries=False)

    def __enter__(self) -> Self:
        """Start the cloud and the counterparties, and point the product at them."""
        with contextlib.ExitStack() as held:
            folder = Path(held.enter_context(tempfile.TemporaryDirectory(prefix="jule-bench-")))
            self.cloud = ministack.start(folder)
            held.callback(self.cloud.stop)
            self.providers = Running(folder / "providers", settle_s=0.05)
            held.callback(self.providers.stop)
            stated = provision(self.cloud.endpoint, STAGE, parameters=_PARAMETERS)
            self.environment = {**_PARAMETERS_AS_SETTINGS, **stated, **self.providers.settings, **_OURS}
            self.environment |= {**self.cloud.environment(), "JULE_STAGE": STAGE}
            os.environ.update(self.environment)
            self.app = import_module("app").app
            self._dynamodb = self.client("dynamodb")
            self._held = held.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop what was started."""
        self._pool.clear()
        self._held.close()

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its client classes at run time
        """Open an administrator's client."""
        given = self.cloud.environment()
        return boto3.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"]).client(
            service,
            region_name=ministack.REGION,
            endpoint_url=self.cloud.endpoint,
            config=Config(s3={"addressing_style": "path"}, signature_version="s3v4" if service == "s3" else None),
        )

    def ask(self, asked: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON says
        """Send a request and give the JSON of its answer, the address that it leads to, or its page.

        Raises:
            Unexpected: a refusal.
        """
        answer = self.app(asked, None)
        if answer["statusCode"] >= 400:  # noqa: PLR2004 - any refusal
            raise Unexpected(f"{asked['httpMethod']} {asked['path']}: {answer['statusCode']} {answer['body']}")
        if answer["body"][:1] in {"{", "["}:
            return json.loads(answer["body"])
        return answer["headers"].get("Location") or answer["body"] or None

    def record(self, asked: dict[str, Any]) -> tuple[Recording, Any]:
        """Send a request like `ask`, and give what it asked of AWS besides."""
        recording = Recording(f"{asked['httpMethod']} {asked['resource']}", asked)
        with Recorder(recording, self.look).running():
            reply = self.ask(asked)
        return recording, reply

    def look(self, table: str, pk: str, sk: str) -> Item | None:
        """Read an item as it stands."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found: Item | None = self._dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return found

    def control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Do something in a counterparty's place."""
        data = None if body is None else json.dumps(body)
        answer = self._pool.request(method, f"{self.providers.base_url}/_control{path}", body=data)
        if answer.status >= 400:  # noqa: PLR2004
            raise Unexpected(f"{path}: {answer.status}")
        return json.loads(answer.data) if answer.data else None

    def pump(self, **jobs: str) -> None:
        """Hand what waits on queues to their jobs (`queue="domain.function"`), until nothing waits."""
        for queue, name in jobs.items():
            domain, _, function = name.partition(".")
            job = getattr(import_module(f"chalicelib.{domain}.jobs"), function)
            while bodies := self._take(queue):
                records = [{"messageId": str(n), "body": body, "attributes": {}} for n, body in enumerate(bodies)]
                if job({"Records": records}, None)["batchItemFailures"]:
                    raise Unexpected(queue)

    def put(self, queue: str, message: object) -> None:
        """Put a message onto a queue, as a partner does."""
        url = self._queue(queue)
        self.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(message))

    def forget(self) -> None:
        """Make this process as a new one is: nothing opened, nothing known."""
        for module, function in _FORGETS:
            getattr(import_module(f"chalicelib.foundation.{module}"), function)()

    def _queue(self, name: str) -> str:
        """Give the address of a queue, also of one that no function is told of."""
        return self.environment["QUEUE_NOTICES"].replace("notices", name)

    def _take(self, queue: str) -> list[str]:
        sqs, url = self.client("sqs"), self._queue(queue)
        messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [message["Body"] for message in messages]


class Caller:
    """Somebody with a session."""

    def __init__(self, town: Town, mobile: str, tokens: dict[str, Any]) -> None:
        """Take who they are and the tokens they hold."""
        self.town, self.mobile, self.tokens = town, mobile, tokens

    def event(self, method: str, resource: str, body: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        """Make an event of theirs."""
        headers = {"Authorization": f"Bearer {self.tokens['access_token']}", **more.pop("headers", {})}
        return event(method, resource, body, headers=headers, **more)

    def ask(self, method: str, resource: str, body: object = None, **more: Any) -> Any:  # noqa: ANN401
        """Send a request of theirs."""
        return self.town.ask(self.event(method, resource, body, **more))


_PARAMETERS_AS_SETTINGS = {
    "PUBLIC_BASE_URL": _PARAMETERS["PublicBaseUrl"],
    "MEDIA_BASE_URL": _PARAMETERS["MediaBaseUrl"],
    "ERASURE_SETTLE_S": "0",
}
_FORGETS = (
    ("vault.clients", "reset_clients"),
    ("vault.keyring", "forget"),
    ("vault.wrapping", "reset_wrapping"),
    ("web.limits", "forget_day_keys"),
)

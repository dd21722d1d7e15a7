"""Telling an outage of the store or another AWS service from a fault of ours."""

from typing import Any

_THROTTLES = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "TooManyRequestsException",
        "TransactionConflictException",
        "InternalServerError",
        "ServiceUnavailable",
        "SlowDown",
        "KMSInternalException",
        "LimitExceededException",
    }
)


def is_outage(fault: BaseException) -> bool:
    """Say whether trying again later may help: throttling, time-outs, lost connections, 5xx."""
    from botocore.exceptions import ClientError, HTTPClientError
    from botocore.exceptions import ConnectionError as AwsConnectionError

    seen: BaseException | None = fault
    while seen is not None:
        if isinstance(seen, (AwsConnectionError, HTTPClientError)):
            return True
        if isinstance(seen, ClientError) and _passes(seen.response):
            return True
        seen = getattr(seen, "cause", None) or seen.__cause__  # PynamoDB keeps what it caught as `cause`
    return False


def _passes(response: Any) -> bool:  # noqa: ANN401 - botocore's own dictionary; PynamoDB's copy of it lacks the status
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return response.get("Error", {}).get("Code") in _THROTTLES or int(status) >= 500  # noqa: PLR2004

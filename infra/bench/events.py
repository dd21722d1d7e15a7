"""Requests as API Gateway hands them to the function (REST API, proxy integration)."""

import json
from typing import Any

HEADERS = {"X-Client": "app/2.0.0", "X-Device": "bench", "Accept-Language": "zh-CN"}


def event(
    method: str,
    resource: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    **path: str,
) -> dict[str, Any]:
    """Make the event of one request; path parameters by name, a body as JSON unless it is text already."""
    sent = {**HEADERS, **({"Content-Type": "application/json"} if body is not None else {}), **(headers or {})}
    context = {
        "resourcePath": resource,
        "httpMethod": method,
        "requestId": "0c5a9f2e-bench",
        "identity": {"sourceIp": "203.0.113.7"},
    }
    return {
        "resource": resource,
        "path": resource.format(**path),
        "httpMethod": method,
        "headers": sent,
        "multiValueHeaders": {name: [value] for name, value in sent.items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()} if query else None,
        "pathParameters": path or None,
        "stageVariables": None,
        "requestContext": context,
        "body": body if body is None or isinstance(body, str) else json.dumps(body),
        "isBase64Encoded": False,
    }

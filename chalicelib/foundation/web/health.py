"""Routes of the house itself: health and the API's own description."""

from functools import cache
from typing import Any

import msgspec
from chalice.app import Response

from ..kernel.config import config
from ..kernel.shapes import View
from .answer import SECURITY_HEADERS
from .endpoint import Api
from .route import Who

API_VERSION = "1.0.0"
api = Api(__name__)


class HealthView(View):
    """That the API answers, and which stage it is."""

    status: str
    stage: str


@api.get("/v1/health", who=Who.GUEST, purpose="", returns=HealthView)
def show_health(call: Any) -> HealthView:  # noqa: ANN401, ARG001 - every verb takes its call
    """Say that the API is up."""
    return HealthView(status="ok", stage=config().stage)


@cache
def openapi_text() -> str:
    """Give the OpenAPI document of all routes loaded."""
    from .openapi import document

    return msgspec.json.format(msgspec.json.encode(document(API_VERSION)), indent=1).decode()


@api.blueprint.route("/openapi.json", methods=["GET"], content_types=[])
def show_openapi() -> Response:
    """Give the API's description (OpenAPI 3.1)."""
    headers: dict[str, str | list[str]] = {
        **SECURITY_HEADERS,
        "Content-Type": "application/json",
        "Cache-Control": "public, max-age=300",
    }
    return Response(body=openapi_text(), status_code=200, headers=headers)

"""Which website may call from a browser, what it may send, what it may read (CORS); one origin, its cookies along."""

from typing import Final

from chalice.app import CORSConfig

SENT: Final = (
    "Accept-Language",
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "X-Client",
    "X-Device",
    "X-Session",
)
READ: Final = (
    "Content-Language",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "X-Request-Id",
)
_ANSWER_HOLDS_S: Final = 7200  # the longest that every browser honours


class Website(CORSConfig):
    """The headers for one origin, worked out once: they go with every answer."""

    def __init__(self, origin: str) -> None:
        """Take the origin, such as `https://www.jule.example`; the gateway answers preflight by the same headers."""
        super().__init__(
            origin, allow_headers=SENT, expose_headers=READ, max_age=_ANSWER_HOLDS_S, allow_credentials=True
        )
        self._stated: dict[str, str] = super().get_access_control_headers()

    def get_access_control_headers(self) -> dict[str, str]:
        """Give what Chalice puts on answers and into the gateway's definition."""
        return dict(self._stated)

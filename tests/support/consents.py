"""What a client sends after it has shown a notice or the policy, exactly as published."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from chalicelib.consent.contracts import Agreement, AnswerNotice
from chalicelib.foundation.kernel.clock import rfc3339
from chalicelib.foundation.register import lookup


def agreement(language: str = "zh-CN", at: datetime | None = None, **changes: Any) -> Agreement:
    """Agree to the policy in effect, shown at that time; `changes` spoil what was shown."""
    policy = lookup.manifests()[-1]
    said = {
        "version": policy.version,
        "sha256": policy.sha256[language],
        "language": language,
        "shown_at": rfc3339(at or datetime.now(UTC)),
    }
    return msgspec.convert({**said, **changes}, Agreement)


def answer_body(
    purpose: str = "account.membership",
    answer: str = "agree",
    *,
    feature: str = "",
    language: str = "zh-CN",
    at: datetime | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Answer a purpose's notice as in the body of a request; `changes` spoil what was shown."""
    notice = lookup.notice(feature or purpose)
    shown = {
        "feature": notice.id,
        "version": notice.version,
        "sha256": notice.sha256[language],
        "language": language,
        "shown_at": rfc3339(at or datetime.now(UTC)),
    }
    return {"purpose": purpose, "notice": {**shown, **changes}, "answer": answer}


def answer(*what: str, **how: Any) -> AnswerNotice:
    """Answer a purpose's notice, like `answer_body`."""
    return msgspec.convert(answer_body(*what, **how), AnswerNotice)

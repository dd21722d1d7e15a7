"""Showing what is published: policy versions and just-in-time notices."""

from chalicelib.foundation.kernel.call import Call
from chalicelib.foundation.kernel.errors import NotFound
from chalicelib.foundation.register import lookup
from chalicelib.foundation.register.lookup import UnknownEntry
from chalicelib.foundation.register.model import Manifest, Notice, Policy

from ..contracts import (
    Language,
    NoticePurposeView,
    NoticeTextView,
    NoticeView,
    PolicyChangeView,
    PolicyListView,
    PolicyTextView,
    PolicyView,
)
from ..rules import china_day, in_effect


def list_policies(call: Call) -> PolicyListView:
    """List every version ever published, newest first, without its texts.

    Keeps: L1.1
    """
    return PolicyListView(data=[_policy_view(call, entry, None) for entry in reversed(lookup.manifests())])


def show_current_policy(call: Call) -> PolicyView:
    """Show the version in effect today in China."""
    return show_policy(call, in_effect(lookup.manifests(), china_day(call.now)).version)


def show_policy(call: Call, version: str) -> PolicyView:
    """Show one version with its texts.

    Keeps: L1.1

    Raises:
        NotFound: never published.
    """
    policy = _policy(version)
    return _policy_view(call, policy.manifest, policy)


def policy_page(version: str, language: Language) -> str:
    """Give one version as a page for people, key clauses emphasised, without script.

    Keeps: L1.1, L1.2

    Raises:
        NotFound: never published, or not in this language.
    """
    policy = _policy(version)
    return policy.html.get(language) or policy.html[policy.manifest.authoritative]


def show_notice(call: Call, feature: str) -> NoticeView:
    """Show the notice of a feature as it is published now, in every language.

    Keeps: A3.1, A4.2

    Raises:
        NotFound: no feature has such a notice.
    """
    try:
        notice = lookup.notice(feature)
    except UnknownEntry:
        raise NotFound from None
    return NoticeView(
        feature=notice.id,
        version=notice.version,
        policy_version=notice.policy,
        affirms=notice.affirms,
        purposes=[_told(call, purpose_id) for purpose_id in notice.purposes],
        texts=_notice_texts(notice),
    )


def _policy(version: str) -> Policy:
    try:
        return lookup.policy(version)
    except UnknownEntry:
        raise NotFound from None


def _policy_view(call: Call, manifest: Manifest, policy: Policy | None) -> PolicyView:
    """Show a version, with whom to turn to in it.

    Keeps: K7.2
    """
    chinese = call.language == "zh-CN"
    return PolicyView(
        version=manifest.version,
        effective_on=manifest.effective_on,
        published_at=manifest.published_at,
        major=manifest.major,
        in_effect=manifest is in_effect(lookup.manifests(), china_day(call.now)),
        responsible_party=manifest.responsible_party if chinese else manifest.responsible_party_en,
        contact=manifest.contact,
        privacy_department=manifest.privacy_department if chinese else manifest.privacy_department_en,
        authoritative=manifest.authoritative,
        texts=[
            PolicyTextView(
                language=language,
                sha256=sha256,
                page=f"/v1/policies/{manifest.version}/page?language={language}",
                markdown=policy.texts[language] if policy else None,
            )
            for language, sha256 in manifest.sha256.items()
        ],
        changes=[
            PolicyChangeView(kind=c.kind, text=c.text if chinese else c.text_en, purposes=list(c.purposes))
            for c in manifest.changes
        ],
        purposes=list(manifest.purposes),
    )


def _told(call: Call, purpose_id: str) -> NoticePurposeView:
    purpose = lookup.purpose(purpose_id)
    title = purpose.title if call.language == "zh-CN" else purpose.title_en
    return NoticePurposeView(purpose=purpose.id, title=title, asks=purpose.asks, separate=purpose.separate)


def _notice_texts(notice: Notice) -> list[NoticeTextView]:
    return [
        NoticeTextView(
            language=language,
            title=text.title,
            body=text.body,
            agree=text.agree,
            decline=text.decline,
            sha256=notice.sha256[language],
        )
        for language, text in notice.texts.items()
    ]

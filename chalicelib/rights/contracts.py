"""Wire shapes of rights."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec

from ..accounts.contracts.accounts import Password
from ..accounts.contracts.bindings import Provider
from ..accounts.contracts.profile import Gender, NicknameText, ProfileView, ResidenceText
from ..accounts.contracts.sessions import Login
from ..accounts.contracts.visibility import VisibilityView
from ..consent.contracts import EntryId
from ..foundation.kernel.shapes import Command, Message, View
from ..support.contracts.behalf import InTheirName

Receipt = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{43}$")]
PlanHash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]

OtherToken = Annotated[str, msgspec.Meta(min_length=1, max_length=2048, description="An access token.")]


class RequestView(View):
    """One request about one's own information."""

    request_id: str
    kind: Literal["copy", "cancellation"]
    state: str
    requested_at: datetime
    answer_by: date
    ready_at: datetime | None = None
    expires_at: datetime | None = None
    size_bytes: int | None = None


class RequestsView(View):
    """Every request of the caller, newest first."""

    data: list[RequestView]


class BlockView(View):
    """Something that stands against cancelling, and the way to end it."""

    code: str
    text: str
    way_out: str


class PlanLineView(View):
    """So many records of a kind: what goes, what stays, until when and why.

    Records under no name of the person's (counters, the network log) can't be counted: they have no `count`.
    """

    kind: str
    count: int | None
    outcome: Literal["deleted", "kept_in_part"]
    goes: list[str]
    stays: list[str]
    until: date | None = None
    period: str = ""
    ground: str = ""


class CancellationPreview(View):
    """What cancelling the account would do, now."""

    plan_hash: str
    blocks: list[BlockView]
    lines: list[PlanLineView]


class CancelAccount(Command):
    """Cancel the account as previewed.

    The client makes the receipt (256 random bits, base64url) and keeps it: it alone fetches the certificate
    when nobody can log in any more, and a lost answer loses nothing.
    """

    plan_hash: PlanHash
    receipt: Receipt


class CancelForThem(InTheirName, kw_only=True):
    """Cancel the account of a case's person as it was previewed and told them; the receipt is handed to them."""

    plan_hash: PlanHash
    receipt: Receipt


class CorrectForThem(InTheirName):
    """Put one thing right in the profile of a case's person, or remove one."""

    residence: ResidenceText | None = None
    gender: Gender | None = None
    nickname: NicknameText | None = None
    remove: Literal["residence", "gender", "birth_date", "nickname", "avatar", "email"] | None = None


class WithdrawForThem(InTheirName, kw_only=True):
    """Withdraw a consent of a case's person."""

    purpose: EntryId


class FetchCopy(Command):
    """Fetch a copy that customer service asked for: by its id, and the account's number or user name and password."""

    request_id: Annotated[str, msgspec.Meta(pattern="^req_[a-z2-7]{26}$", max_length=30)]
    login: Login
    password: Password


class CancellationView(View):
    """A cancellation under way."""

    request_id: str
    state: str


class AskCertificate(Command):
    """Ask for the certificate of an erasure; nobody can log in for it any more."""

    receipt: Receipt


class CertificateView(View):
    """Where an erasure stands; once done, the signed statement.

    Verify it offline with the house's public key as `GET /v1/evidence-key` publishes it: anyone can put a key of their
    own beside a statement. `statement.done` counts, by kind, what was there when the erasure began or came later, and
    is gone or cut loose; `statement.key` is the fingerprint of the key that signed.
    """

    state: Literal["running", "done"]
    statement: str = ""
    signature: str = ""
    public_key: str = ""


class EvidenceKeyView(View):
    """The public key that certificates and the roots of evidence are verified with (ECDSA P-256, SHA-256).

    `public_key` is the DER of its SubjectPublicKeyInfo, base64; `key_id` the SHA-256 of that, hex.
    """

    key_id: str
    algorithm: Literal["ECDSA_SHA_256"]
    public_key: str


class CopyRequested(Message):
    """Somebody asked for a copy of everything."""

    request_id: str


class ErasureOrdered(Message):
    """An account is closing: erase."""

    request_id: str


class PreviewMerge(Command):
    """Name the account to be merged by a token of a session on it, begun or confirmed within five minutes."""

    other_token: OtherToken


class MergeAccounts(Command):
    """Merge as previewed; the token is the one of the preview, or a later one of the same account."""

    other_token: OtherToken
    plan_hash: PlanHash


class MergeLineView(View):
    """So many records of the account to be merged, and what becomes of them."""

    kind: str
    count: int
    outcome: Literal["moves", "yields", "goes"]
    items: list[str]


class MergedBindingView(View):
    """What becomes of a third-party account that is bound to the account to be merged.

    It moves, and logs in to the account that stays; or it ends, since that account has not agreed to `purpose`
    (`not_agreed`: its notice can be answered before merging), or has one of its own (`has_own`).
    """

    provider: Provider
    purpose: str
    outcome: Literal["moves", "not_agreed", "has_own"]


class MergePreview(View):
    """What merging would do, now. `withdrawn` are the purposes whose consent ends on the account that stays."""

    plan_hash: str
    blocks: list[BlockView]
    lines: list[MergeLineView]
    withdrawn: list[str]
    bindings: list[MergedBindingView]


class MergeView(View):
    """A merge: moving, or moved."""

    request_id: str
    state: str
    requested_at: datetime


class MergesView(View):
    """Every merge that this account stayed of, newest first."""

    data: list[MergeView]


class RecordsQuery(Command):
    """Which kind of record of a ward."""

    kind: Annotated[str, msgspec.Meta(min_length=1, max_length=32, pattern="^[a-z_]+$")] = "profile"


class CorrectWard(Command):
    """What a guardian puts right; what is left out stays as it is."""

    residence: ResidenceText | None = None
    gender: Gender | None = None
    nickname: NicknameText | None = None


class CorrectWardAge(Command):
    """When a ward was really born."""

    birth_date: date


class LimitWard(Command):
    """The purposes that a guardian wants closed; all others are open again."""

    purposes: Annotated[list[EntryId], msgspec.Meta(max_length=20)]


class WardHeldView(View):
    """What is held about a ward: the profile, what others see, and how many records of each kind."""

    child_id: str
    profile: ProfileView
    visibility: VisibilityView
    lines: list[PlanLineView]


class RecordView(View):
    """One record about a ward: which kind, under which id, what it says."""

    kind: str
    id: str
    values: dict[str, Any]


class WardRecordsView(View):
    """Records of one kind, at most a hundred."""

    data: list[RecordView]

"""Refusals of what a child could do with what lies about at home: a parent's card, or a phone in a parent's name."""

from chalicelib.foundation.kernel.errors import Failure, Kind


class FaceNeeded(Failure):
    """Somebody known to be under age is made older by the authority only by a face: a parent's card is at hand."""

    code = "accounts.face_needed"
    kind = Kind.FORBIDDEN
    title_zh = "此账号登记为未成年人，须通过人脸核验才能更正年龄"
    title_en = "This account is known as a minor's: only a face check makes it older"


class GuardiansNumber(Failure):
    """A minor's account does not move to the number by which a guardian answered for it."""

    code = "minors.guardians_number"
    kind = Kind.CONFLICT
    title_zh = "监护人凭此号码作过答复，不能用作未成年人自己的号码"
    title_en = "A guardian answered by this number; it can't become the minor's own"

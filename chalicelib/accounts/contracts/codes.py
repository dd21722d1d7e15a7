"""Wire shapes of what a code to a number allows."""

from chalicelib.foundation.kernel.shapes import Command

from .accounts import CodeText, MobileText, Password


class LogInByCode(Command):
    """Log in by the code sent to a number."""

    mobile: MobileText
    code: CodeText


class ReauthenticateByCode(Command):
    """Prove once more who is there, by a code sent to the account's own number."""

    code: CodeText


class ResetPassword(Command):
    """Set a new password in place of a forgotten one."""

    mobile: MobileText
    code: CodeText
    new_password: Password


class ChangeMobile(Command):
    """Move the account to another number: a code to the new one, and one to the number it has now."""

    mobile: MobileText
    code: CodeText
    old_code: CodeText


class FreezeOwnAccount(Command):
    """Freeze the account of a number at once."""

    mobile: MobileText
    code: CodeText


class ThawOwnAccount(Command):
    """Lift a freeze of one's own: number, code and password."""

    mobile: MobileText
    code: CodeText
    password: Password

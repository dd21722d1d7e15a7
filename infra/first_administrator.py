"""`python -m infra.first_administrator NAME USER_NAME`: takes the first administrator on, once; prints an invitation.

Against the product that runs on this machine, or, with JULE_STAGE, KEY_DATA, a region and credentials in the
environment, against a deployed one: whoever runs it may put rows into the tables people, keys and evidence and use the
data key.
"""

import argparse
import os
import sys
from pathlib import Path

from .local.stack import DEFAULT_FOLDER, running


def main(arguments: list[str] | None = None) -> int:
    """Run; 1 where there is an administrator already, or nowhere to make one."""
    parser = argparse.ArgumentParser(prog="infra.first_administrator", description=__doc__)
    parser.add_argument("name", help="their name")
    parser.add_argument("user_name", help="what they will log in by: small letters and digits")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="folder of the product that runs here")
    asked = parser.parse_args(arguments)
    if "JULE_STAGE" not in os.environ:
        found = running(asked.folder)
        if found is None:
            print("nothing runs here, and no JULE_STAGE names a deployment", file=sys.stderr)
            return 1
        os.environ.update(found.environment)
    return _invite(asked.name, asked.user_name)


def _invite(name: str, user_name: str) -> int:
    import msgspec

    from chalicelib.accounts.contracts.staff import InviteMember
    from chalicelib.accounts.errors import AdministratorExists, UserNameTaken
    from chalicelib.accounts.service.staff_enrolment import invite_first
    from chalicelib.foundation.kernel import clock
    from chalicelib.foundation.kernel.call import Call
    from chalicelib.foundation.kernel.ids import new_id

    asked = {"name": name, "user_name": user_name, "roles": ["administrator"]}
    call = Call(request_id=new_id("rid"), now=clock.now(), purpose="staff.access", route="first_administrator")
    try:
        made = invite_first(call, msgspec.convert(asked, InviteMember))
    except msgspec.ValidationError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except (AdministratorExists, UserNameTaken) as refused:
        print(refused.title_en, file=sys.stderr)
        return 1
    print(made.invitation)
    return 0


if __name__ == "__main__":
    sys.exit(main())

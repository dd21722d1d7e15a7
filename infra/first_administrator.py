"""`python -m infra.first_administrator NAME USER_NAME`: takes the first administrator on, once; prints an invitation.

With `--another` one more beside the first: two administrators who come from no colleague can approve for each other.
With `--reset USER_NAME` an administrator who lost a way in gets another invitation: factors and sessions end, waits are
over. `--trained-on` and `--exam-passed-on` say when whoever deploys had them trained; without both, names and data stay
closed to them. All is on record.

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
    """Run; 1 where it is refused, or there is nowhere to do it."""
    parser = argparse.ArgumentParser(prog="infra.first_administrator", description=__doc__)
    parser.add_argument("name", nargs="?", help="their name")
    parser.add_argument("user_name", nargs="?", help="what they will log in by: small letters and digits")
    parser.add_argument("--another", action="store_true", help="there is an administrator already")
    parser.add_argument("--reset", metavar="USER_NAME", help="give this administrator another invitation")
    parser.add_argument("--trained-on", help="day of their training, YYYY-MM-DD")
    parser.add_argument("--exam-passed-on", help="day of their exam, YYYY-MM-DD")
    parser.add_argument("--folder", type=Path, default=DEFAULT_FOLDER, help="folder of the product that runs here")
    asked = parser.parse_args(arguments)
    if bool(asked.reset) == bool(asked.user_name) or bool(asked.trained_on) != bool(asked.exam_passed_on):
        parser.print_usage(sys.stderr)
        return 1
    if "JULE_STAGE" not in os.environ:
        found = running(asked.folder)
        if found is None:
            print("nothing runs here, and no JULE_STAGE names a deployment", file=sys.stderr)
            return 1
        os.environ.update(found.environment)
    return _invite(asked)


def _invite(asked: argparse.Namespace) -> int:
    import msgspec

    from chalicelib.accounts.contracts.staff import InviteMember, RecordTraining
    from chalicelib.accounts.service.staff_by_deployer import invite_administrator, reset_administrator
    from chalicelib.foundation.kernel import clock
    from chalicelib.foundation.kernel.call import Call
    from chalicelib.foundation.kernel.errors import Failure
    from chalicelib.foundation.kernel.ids import new_id

    who = {"name": asked.name, "user_name": asked.user_name, "roles": ["administrator"]}
    days = {"trained_on": asked.trained_on, "exam_passed_on": asked.exam_passed_on}
    call = Call(request_id=new_id("rid"), now=clock.now(), purpose="staff.access", route="first_administrator")
    try:
        training = msgspec.convert(days, RecordTraining) if asked.trained_on else None
        if asked.reset:
            made = reset_administrator(call, asked.reset, training=training)
        else:
            member = msgspec.convert(who, InviteMember)
            made = invite_administrator(call, member, training=training, another=asked.another)
    except msgspec.ValidationError as wrong:
        print(wrong, file=sys.stderr)
        return 1
    except Failure as refused:
        print(refused.title_en, file=sys.stderr)
        return 1
    print(made.invitation)
    return 0


if __name__ == "__main__":
    sys.exit(main())

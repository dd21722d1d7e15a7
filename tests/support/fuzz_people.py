"""Run with a stack's environment: makes people with whole accounts in it and prints their access tokens as JSON.

Arguments: how many stay, how many may lose their session.
"""

import json
import sys

from tests.support.accounts import new_mobile, new_name
from tests.support.lives import make_account


def main() -> None:
    """Make them."""
    staying, passing = map(int, sys.argv[1:])
    tokens = [make_account(f"+86{new_mobile()}", new_name()).token for _ in range(staying + passing)]
    print(json.dumps({"staying": tokens[:staying], "passing": tokens[staying:]}))


if __name__ == "__main__":
    main()

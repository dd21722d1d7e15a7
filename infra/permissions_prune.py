"""Take out of functions' policies what no test has used: `python -m infra.permissions_prune FUNCTION…`.

Run the whole suite first.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from .permissions import NOT_BY_CALLS, POLICIES, Grant, excused, last_run, resource_of, seen_of

Statement = dict[str, Any]


def pruned(statements: list[Statement], needed: Callable[[Grant], bool]) -> list[Statement]:
    """Keep of each statement what is needed, split where its resources are used differently."""
    kept: list[Statement] = []
    for statement in statements:
        if all(action.startswith(NOT_BY_CALLS) for action in statement["Action"]):
            kept.append(statement)
            continue
        groups: dict[tuple[str, ...], list[Any]] = {}
        for resource in statement["Resource"]:
            place = resource_of(resource)
            actions = tuple(action for action in statement["Action"] if needed(Grant(action, place)))
            groups.setdefault(actions, []).append(resource)
        for number, (actions, resources) in enumerate((a, r) for a, r in groups.items() if a):
            name = f"{statement['Sid']}{number + 1 if number else ''}"
            kept.append({**statement, "Sid": name, "Action": list(actions), "Resource": resources})
    return kept


def written(statements: list[Statement]) -> str:
    """Write a policy as the others are written: a statement in three lines, a list of resources one to a line."""
    return '{\n  "Version": "2012-10-17",\n  "Statement": [\n' + ",\n".join(map(_statement, statements)) + "\n  ]\n}\n"


def _statement(one: Statement) -> str:
    resources = [json.dumps(resource) for resource in one["Resource"]]
    listed = resources[0] if len(resources) == 1 else "\n       " + ",\n       ".join(resources) + "\n     "
    head = f'    {{"Sid": {json.dumps(one["Sid"])}, "Effect": "Allow",\n     "Action": {json.dumps(one["Action"])},'
    return f'{head}\n     "Resource": [{listed}]}}'


def main() -> int:
    """Prune the policies of the functions named."""
    last = last_run()
    if last is None:
        print("no test has run yet", file=sys.stderr)
        return 1
    for function in sys.argv[1:]:
        file = POLICIES / f"{function}.json"
        statements = json.loads(file.read_text())["Statement"]
        used = seen_of(function, last.used)
        file.write_text(written(pruned(statements, lambda one: one in used or excused(function, one))))  # noqa: B023
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""Take out of functions' policies what no test has used: `python -m infra.permissions_prune FUNCTION…`.

Run the whole suite first. What only a fresh process asks for is kept, since tests keep opened keys between calls.
"""

import json
import sys
from typing import Any

from .permissions import NOT_BY_CALLS, POLICIES, USED, Grant, resource_of
from .tree import ROOT

ASKED_ONCE = {
    Grant("kms:Decrypt", "key/data"),
    Grant("dynamodb:GetItem", "table/keys"),
    Grant("dynamodb:BatchGetItem", "table/keys"),
}
Statement = dict[str, Any]


def pruned(statements: list[Statement], used: set[Grant]) -> list[Statement]:
    """Keep of each statement what is used, split where its resources are used differently."""
    kept: list[Statement] = []
    for statement in statements:
        if all(action.startswith(NOT_BY_CALLS) for action in statement["Action"]):
            kept.append(statement)
            continue
        groups: dict[tuple[str, ...], list[Any]] = {}
        for resource in statement["Resource"]:
            place = resource_of(resource)
            actions = tuple(action for action in statement["Action"] if Grant(action, place) in used)
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
    known: dict[str, list[list[str]]] = json.loads((ROOT / USED).read_text())
    for function in sys.argv[1:]:
        file = POLICIES / f"{function}.json"
        statements = json.loads(file.read_text())["Statement"]
        used = {Grant(*one) for one in known.get(function, ())} | ASKED_ONCE
        file.write_text(written(pruned(statements, used)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

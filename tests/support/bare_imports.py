"""Run by a bare interpreter over an unpacked package: import everything it imports, call every operation it calls.

Arguments: the unpacked code, then the unpacked layers. Prints one JSON object.
"""

import ast
import importlib
import json
import sys
from pathlib import Path

code, *layers = sys.argv[1:]
sys.path[:0] = [*layers, code]


def imported(module: Path) -> set[str]:
    """Name the foreign modules a file imports anywhere, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module))
    return found


def own(root: Path) -> list[str]:
    """Name every module of ours."""
    names = (file.relative_to(root).with_suffix("") for file in sorted((root / "chalicelib").rglob("*.py")))
    return [".".join(name.parts).removesuffix(".__init__") for name in names]


class Canned(list):
    """A body as botocore reads it off the wire."""

    def stream(self, **_):
        """Give the parts."""
        return iter(self)


def call_everything(operations: dict[str, list[str]], region: str) -> list[str]:
    """Make each call as far as the wire through the package's own botocore; gives the hosts that were asked."""
    from botocore.awsrequest import AWSResponse
    from botocore.session import get_session

    session, hosts = get_session(), []
    session.set_credentials("AKIDEXAMPLE", "made-up")
    for service, names in operations.items():
        client = session.create_client(service, region_name=region)

        def answer(request, **_):
            hosts.append(request.url.split("/")[2])
            empty = b"" if "s3" in request.url else b"{}"
            return AWSResponse(request.url, 200, {}, Canned([empty]))

        client.meta.events.register("before-send", answer)
        methods = {operation: method for method, operation in client.meta.method_to_api_mapping.items()}
        for name in names:
            shape = client.meta.service_model.operation_model(name).input_shape
            getattr(client, methods[name])(**{member: fill(shape.members[member]) for member in shape.required_members})
    return sorted(set(hosts))


def fill(shape):
    """Make the smallest valid value of a shape."""
    if shape.type_name == "structure":
        return {name: fill(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [fill(shape.member)]
    if shape.type_name == "map":
        return {"k" * 3: fill(shape.value)}
    if shape.type_name == "string":
        return (shape.enum or ["k" * 40])[0]
    return {"integer": 1, "long": 1, "boolean": True, "blob": b"1", "timestamp": 1}[shape.type_name]


def main() -> None:
    """Print the modules that were loaded and where from, and the hosts that each region's calls went to."""
    root = Path(code)
    for name in sorted({name for file in (root / "chalicelib").rglob("*.py") for name in imported(file)}):
        importlib.import_module(name)
    for name in ["app", *own(root)]:
        importlib.import_module(name)
    files = {name: getattr(module, "__file__", None) for name, module in sys.modules.items()}
    operations = json.loads(sys.stdin.read())
    hosts = {region: call_everything(operations, region) for region in ("cn-northwest-1", "ap-southeast-1")}
    print(json.dumps({"files": files, "hosts": hosts}))


if __name__ == "__main__":
    main()

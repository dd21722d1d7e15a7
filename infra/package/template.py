"""Finish the template that Chalice wrote: one plain JSON file, for one stage, of functions that exist."""

import json
from pathlib import Path
from typing import Any

import yaml

Node = Any
WEB_ORIGIN = "${WebOrigin}"
"""Stands for the website's origin while Chalice writes the API's definition: it takes no template parameter there."""
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class FunctionMissing(LookupError):
    """`infra/resources.yaml` speaks of functions that the application does not have."""


def finish(source: Path, target: Path, stage: str) -> list[str]:
    """Write the final template; gives the functions that resources.yaml names and the application lacks.

    CloudFormation takes no YAML aliases, so it is written as JSON.

    Raises:
        FunctionMissing: they are missing from what would go to production.
    """
    template: dict[str, Node] = yaml.load(source.read_text(), Loader=_LOADER)  # noqa: S506 - a SafeLoader
    missing = _prune(template)
    if missing and stage == "prod":
        raise FunctionMissing(", ".join(missing))
    template["Parameters"]["Stage"]["Default"] = stage
    if stage == "prod":  # elsewhere an erasure need not wait for functions that may run a quarter of an hour
        settle = template["Parameters"]["ErasureSettleS"]
        settle["MinValue"] = settle["Default"]
    template["Resources"] = _with_origin(template["Resources"])
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = "./code.zip"
        elif properties.get("ContentUri") == "./layer-deployment.zip":
            properties["ContentUri"] = "./layer.zip"
    partial = target.with_suffix(".part")
    partial.write_text(json.dumps(template, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    partial.replace(target)
    return missing


def _with_origin(node: Node) -> Node:
    """Put the template's parameter where the website's origin is stated as a constant."""
    if isinstance(node, list):
        return [_with_origin(one) for one in node]
    if isinstance(node, dict):
        return {name: value if name == "Fn::Sub" else _with_origin(value) for name, value in node.items()}
    return {"Fn::Sub": node} if node == f"'{WEB_ORIGIN}'" else node


def _prune(template: dict[str, Node]) -> list[str]:
    """Take out what extends a function that isn't there, and what refers to it."""
    resources: dict[str, Node] = template["Resources"]
    missing = [name for name, resource in resources.items() if "Type" not in resource]
    gone = {*missing, *(f"{name}Role" for name in missing)}
    template["Resources"] = {
        name: resource
        for name, resource in resources.items()
        if name not in gone and not (resource["Type"] == "AWS::CloudWatch::Alarm" and _refers(resource, gone))
    }
    return sorted(missing)


def _refers(node: Node, gone: set[str]) -> bool:
    if isinstance(node, list):
        return any(_refers(one, gone) for one in node)
    if isinstance(node, dict):
        return node.get("Ref") in gone or any(_refers(one, gone) for one in node.values())
    return False

"""Read a CloudFormation template, in long or short form, and work out what its intrinsic functions say."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

Node = Any
_NOTHING = object()
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


class _Loader(yaml.SafeLoader):
    """YAML that takes `!Sub` and its kin for `{"Fn::Sub": …}`."""


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> Node:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    text = loader.construct_scalar(node)  # type: ignore[arg-type] # the third kind of node there is
    return {name: str(text).split(".", 1) if suffix == "GetAtt" else text}


_Loader.add_multi_constructor("!", _short_form)


def load(path: Path) -> dict[str, Node]:
    """Read a template file."""
    loaded: dict[str, Node] = yaml.load(path.read_text(), Loader=_Loader)  # noqa: S506 - a SafeLoader
    return loaded


class Resolver:
    """Values of a template, given its parameters and what has been made of its resources so far."""

    def __init__(self, template: Mapping[str, Node], values: Mapping[str, str]) -> None:
        """Take parameters and pseudo parameters by name; a parameter not given has its default."""
        defaults = {name: spec.get("Default", "") for name, spec in template.get("Parameters", {}).items()}
        self.values: dict[str, Any] = {"AWS::NoValue": _NOTHING, **defaults, **values}
        self.attributes: dict[str, str] = {}
        self._conditions: Mapping[str, Node] = template.get("Conditions", {})
        self._functions: dict[str, Callable[[Node], Node]] = {
            "Ref": lambda name: self.values[name],
            "Fn::Sub": self._sub,
            "Fn::GetAtt": self._attribute,
            "Fn::Join": lambda of: self.resolve(of[0]).join(map(str, self.resolve(of[1]))),
            "Fn::If": lambda of: self.resolve(of[1] if self.holds(of[0]) else of[2]),
            "Fn::Equals": lambda of: self.resolve(of[0]) == self.resolve(of[1]),
            "Fn::Not": lambda of: not self.resolve(of[0]),
            "Fn::Or": lambda of: any(map(self.resolve, of)),
            "Fn::And": lambda of: all(map(self.resolve, of)),
            "Condition": self.holds,
        }

    def holds(self, condition: str) -> bool:
        """Say whether a named condition is true."""
        return bool(self.resolve(self._conditions[condition]))

    def resolve(self, node: Node) -> Node:
        """Replace every intrinsic function in a piece of template by its value.

        Raises:
            KeyError: it refers to a resource that has not been made yet.
        """
        if isinstance(node, list):
            return [one for one in map(self.resolve, node) if one is not _NOTHING]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, value),) = node.items()
            if name in self._functions and not (name == "Condition" and not isinstance(value, str)):
                return self._functions[name](value)
        whole = {name: self.resolve(value) for name, value in node.items()}
        return {name: value for name, value in whole.items() if value is not _NOTHING}

    def made(self, logical: str, reference: str, **attributes: str) -> None:
        """Note what a resource turned out to be."""
        self.values[logical] = reference
        self.attributes.update({f"{logical}.{name}": value for name, value in attributes.items()})

    def _attribute(self, of: list[str] | str) -> str:
        return self.attributes[of if isinstance(of, str) else ".".join(of)]

    def _sub(self, of: str | list[Node]) -> str:
        text, given = (of, {}) if isinstance(of, str) else (of[0], self.resolve(of[1]))

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in given:
                return str(given[name])
            return str(self.attributes[name] if "." in name else self.values[name])

        return _VARIABLE.sub(value, text).replace("${!", "${")

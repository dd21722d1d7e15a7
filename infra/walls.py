"""Import contracts that import-linter lacks: they know the house and bear with rooms that don't exist yet."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output
from importlinter.contracts.layers import LayersContract
from importlinter.domain.imports import ModuleExpression

Pairs = Iterator[tuple[str, str]]


def domains(graph: ImportGraph, parent: str, outside: list[str]) -> list[str]:
    """Name every package under the parent, those outside the rule left out."""
    return sorted(child for child in graph.find_children(parent) if child.rpartition(".")[2] not in outside)


def stands_in(module: str, patterns: list[str]) -> bool:
    """Say whether a module is one of the patterns or lies inside one (`chalicelib.*.routes`)."""
    parts = module.split(".")
    return any(_leads(pattern.split("."), parts) for pattern in patterns)


def _leads(want: list[str], parts: list[str]) -> bool:
    return len(want) <= len(parts) and all(fnmatchcase(part, one) for one, part in zip(want, parts, strict=False))


class RoomsContract(LayersContract):
    """The layers contract, held for every domain found in its containers."""

    type_name = "rooms"

    not_domains = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - import-linter's signature
        """Check the rooms of each domain."""
        outside = cast("list[str]", self.not_domains)
        parents = [parent.expression for parent in cast("list[ModuleExpression]", self.containers)]
        found = [ModuleExpression(name) for parent in parents for name in domains(graph, parent, outside)]
        if not found:
            return ContractCheck(kept=True)
        self.containers = cast("Any", found)
        return super().check(graph, verbose)


class PrivateContract(Contract):
    """A room that only named rooms of its own domain may enter."""

    type_name = "private"

    parent = fields.StringField()
    not_domains = fields.ListField(subfield=fields.StringField())
    room = fields.StringField()
    importers = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - the same
        """Look who enters the room of each domain."""
        return _verdict(self._intruders(graph))

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print the intruders."""
        _show(check)

    def _intruders(self, graph: ImportGraph) -> Pairs:
        for domain in domains(graph, cast("str", self.parent), cast("list[str]", self.not_domains)):
            room = f"{domain}.{self.room}"
            welcome = [room, *(f"{domain}.{name}" for name in cast("list[str]", self.importers))]
            for module in (m for m in graph.modules if stands_in(m, [room])):
                yield from _strangers(graph, module, welcome)


class OnlyContract(Contract):
    """A library that only named modules may import, whether or not anything imports it yet."""

    type_name = "only"

    modules = fields.ListField(subfield=fields.StringField())
    importers = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001 - the same
        """Look who imports the library."""
        named = [module for module in cast("list[str]", self.modules) if module in graph.modules]
        welcome = cast("list[str]", self.importers)
        return _verdict(pair for module in named for pair in _strangers(graph, module, welcome))

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print who should not."""
        _show(check)


def _strangers(graph: ImportGraph, module: str, welcome: list[str]) -> Pairs:
    for importer in graph.find_modules_that_directly_import(module):
        if not stands_in(importer, welcome):
            yield importer, module


def _verdict(found: Pairs) -> ContractCheck:
    pairs = sorted(set(found))
    return ContractCheck(kept=not pairs, metadata={"pairs": pairs})


def _show(check: ContractCheck) -> None:
    for importer, imported in check.metadata["pairs"]:
        output.print_error(f"{importer} must not import {imported}", bold=False)

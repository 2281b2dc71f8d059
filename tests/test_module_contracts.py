"""Lint refuses files and imports of a module that the architecture does not name."""

import grimp
import pytest

from tests.module_contracts import FILES, ModuleFiles, ModuleImports, modules


def unknown(graph: grimp.ImportGraph) -> list[str]:
    contract = ModuleFiles("Files", session_options={}, contract_options={})
    check = contract.check(graph, verbose=False)
    names = list(check.metadata["unknown"])
    assert check.kept is not bool(names)
    return names


@pytest.fixture
def graph() -> grimp.ImportGraph:
    """Modules with each file that they may have."""
    graph = grimp.ImportGraph()
    for module in modules():
        graph.add_module(f"qgp.{module}")
        for file in FILES:
            graph.add_module(f"qgp.{module}.{file}")
    return graph


def test_the_files_of_the_architecture_are_no_others(graph: grimp.ImportGraph) -> None:
    assert unknown(graph) == []


def test_a_planted_file_is_named(graph: grimp.ImportGraph) -> None:
    graph.add_module("qgp.processes.helpers")
    graph.add_module("qgp.trail.records")
    assert unknown(graph) == ["qgp.processes.helpers", "qgp.trail.records"]


def test_further_files_stand_in_a_package_of_such_a_name(graph: grimp.ImportGraph) -> None:
    graph.add_module("qgp.audits.commands.team")
    graph.add_module("qgp.audits.types.responses")
    assert unknown(graph) == []


def test_a_package_that_is_no_module_may_have_other_files(graph: grimp.ImportGraph) -> None:
    graph.add_module("qgp.kit.clock")
    assert unknown(graph) == []


def refused(importer: str, imported: str) -> bool:
    graph = grimp.ImportGraph()
    graph.add_import(importer=importer, imported=imported)
    contract = ModuleImports("Imports", session_options={}, contract_options={})
    return not contract.check(graph, verbose=False).kept


@pytest.mark.parametrize(
    ("importer", "imported", "is_refused"),
    [
        ("qgp.evidence.service", "qgp.evidence.model", False),
        ("qgp.evidence.service", "qgp.standards.facts", False),
        ("qgp.evidence.service", "qgp.standards.model", True),
        ("qgp.audits.commands.team", "qgp.users.model", True),
        ("qgp.audits.facts.related", "qgp.standards.model.terms", True),
        ("qgp.audits.facts.related", "qgp.processes.loaders", False),
        ("qgp.findings.guards", "qgp.capas.facts", False),
        ("qgp.findings.guards", "qgp.capas.model", True),
        ("qgp.processes.loaders", "qgp.users.loaders", True),
        ("qgp.processes.model", "qgp.users.model", True),
        ("qgp.processes.types", "qgp.users.loaders", False),
        ("qgp.processes.types", "qgp.users.types", False),
        ("qgp.processes.types", "qgp.standards.types", True),
        ("qgp.processes.types", "qgp.standards.model", True),
        ("qgp.processes.queries", "qgp.users.commands.users", True),
        ("qgp.cli.daily_jobs", "qgp.users.model", False),
    ],
)
def test_a_file_imports_of_other_modules_what_its_kind_may(
    importer: str, imported: str, is_refused: bool
) -> None:
    assert refused(importer, imported) is is_refused

"""Import contracts: which files a module has, and what they may import of other modules."""

import ast
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

FILES = (
    *("model", "policy", "workflow", "guards", "loaders", "refs", "facts", "types"),
    *(
        "service",
        "commands",
        "queries",
        "mutations",
        "subscriptions",
        "additions",
        "work_kinds",
        "jobs",
    ),
)

# What each file may import of other modules; of its own module, layers speak.
OF_OTHERS = {
    "facts": {"facts", "loaders"},  # a plain register has no facts
    "guards": {"facts"},
    "workflow": {"facts"},
    "work_kinds": {"facts"},
    "service": {"facts", "service", "commands"},
    "commands": {"facts", "service", "commands"},
    "types": {"loaders", "refs"},
    "additions": {"loaders", "refs"},
    "queries": {"loaders", "refs"},
    "mutations": {"loaders", "refs"},
    "subscriptions": {"loaders", "refs"},
    "jobs": {"facts", "service", "commands"},
}
EVERYWHERE = {"qgp.users.types"}  # the interface of records that name their author


class ModuleFiles(Contract):
    """Refuses any other file or package directly in a module of `qgp.schema.MODULES`.

    Further files stand in a package that has one of these names.
    """

    type_name = "module_files"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare the files of each module with the names that a module may have."""
        del verbose
        unknown = sorted(
            file
            for module in modules()
            for file in graph.find_children(f"qgp.{module}")
            if file.rpartition(".")[2] not in FILES
        )
        return ContractCheck(kept=not unknown, metadata={"unknown": unknown})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each unknown file, and what to do with it."""
        for file in check.metadata["unknown"]:
            output.print_error(f"{file} is not a file of a module.", bold=False)
        output.print(f"A module has {', '.join(FILES)}.")
        output.print(
            "Merge other files into one of these, or move them into a package of its name."
        )


class ModuleImports(Contract):
    """Refuses imports of other modules' files beyond `OF_OTHERS`."""

    type_name = "module_imports"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare each import between two modules with what its file may import."""
        del verbose
        names = set(modules())
        refused = sorted(
            f"{importer} -> {imported}"
            for importer in graph.modules
            for imported in graph.find_modules_directly_imported_by(importer)
            if not _is_allowed(importer.split("."), imported.split("."), names)
        )
        return ContractCheck(kept=not refused, metadata={"refused": refused})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import, and what to import instead."""
        for line in check.metadata["refused"]:
            output.print_error(line, bold=False)
        output.print("Ask the other module through its facts, commands or loaders.")


def _is_allowed(importer: list[str], imported: list[str], names: set[str]) -> bool:
    if len(importer) < 3 or len(imported) < 3 or importer[1] == imported[1]:
        return True
    if not {importer[1], imported[1]} <= names or ".".join(imported) in EVERYWHERE:
        return True
    return imported[2] in OF_OTHERS.get(importer[2], ())


def modules() -> list[str]:
    """Return `qgp.schema.MODULES`, read without importing every module."""
    tree: Any = ast.parse(Path("qgp/schema.py").read_text(encoding="utf-8"))
    (declared,) = [
        statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "MODULES"
    ]
    return list(ast.literal_eval(declared))

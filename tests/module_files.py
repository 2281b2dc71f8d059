"""The import contract that a module has the files of the architecture and no others."""

import ast
from pathlib import Path
from typing import Any

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

FILES = (
    *("model", "policy", "workflow", "guards", "loaders", "refs", "facts", "types"),
    *("service", "commands", "queries", "mutations", "additions"),
)


class ModuleFiles(Contract):
    """Refuses any other file or package directly in a module of `qgp.schema.MODULES`.

    Further files stand in a package that has one of these names.
    """

    type_name = "module_files"
    unported = fields.SetField(subfield=fields.StringField(), required=False, default=set())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Compare the files of each module with the names that a module may have."""
        del verbose
        ported = [name for name in modules() if name not in set(self.unported)]  # type: ignore[call-overload]  # a field holds its value
        unknown = sorted(
            file
            for module in ported
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


def modules() -> list[str]:
    """Return `qgp.schema.MODULES`, read without importing every module."""
    tree: Any = ast.parse(Path("qgp/schema.py").read_text(encoding="utf-8"))
    (declared,) = [
        statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "MODULES"
    ]
    return list(ast.literal_eval(declared))

"""The kit's words: docs/development.md lists those that modules import, and no others."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from qgp.schema import MODULES

ROOT = Path(__file__).parent.parent.parent
MOST_ROWS = 25
LEAST_MODULES = 3
OF_MIGRATIONS = {"migration_operations.py", "text_key_sql.py"}  # which are no modules
_IMPORTED = "two registers have an import; its parts are in the model, the type and the mutations"
_PLANNED = "the planner makes its SQL, which no module can"
_REFUSAL = "one of the closed set of errors of the API, which the kit raises too"
_UNRECORDED = "written in its module, the list would need all words of pages and cursors"
# Words that fewer modules use, with the reason why they are neither inlined nor merged.
FEW = {
    "AuditMethod": "an enum of two tables, whose models import no other module",
    "CODE": "the pattern of the codes of two registers",
    "ComputedPage": _UNRECORDED,
    "Conflict": _REFUSAL,
    "History": _IMPORTED,
    "Importable": _IMPORTED,
    "Imported": _IMPORTED,
    "Unavailable": _REFUSAL,
    "computed_listing": _UNRECORDED,
    "csv_import": _IMPORTED,
    "many": _PLANNED,
    "nested_object": _PLANNED,
    "number_of": _PLANNED,
}


def _section() -> str:
    text = (ROOT / "docs" / "development.md").read_text()
    return text.partition("\n## The kit's words\n")[2].partition("\n## ")[0]


def _named_in(text: str) -> set[str]:
    """Return the names of the kit in the code of a text."""
    code = re.sub(r'"[^"]*"|\w+=', "", " ".join(re.findall(r"`([^`]+)`", text)))
    return set(re.findall(r"\w+", code)) & _defined()


@cache
def _defined() -> frozenset[str]:
    """Return the public names of the kit, but those of migrations."""
    names = set()
    for path in (ROOT / "qgp" / "kit").rglob("*.py"):
        if path.name not in OF_MIGRATIONS:
            tree = ast.parse(path.read_text())
            names |= {name for node in tree.body for name in _bound_by(node)}
    return frozenset(name for name in names if not name.startswith("_"))


def _bound_by(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.Assign(targets=targets):
            names = (each for target in targets for each in ast.walk(target))
            yield from (each.id for each in names if isinstance(each, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


@cache
def _users() -> Mapping[str, set[str]]:
    """Return the modules that use each word."""
    users = defaultdict(set)
    for module in MODULES:
        for path in (ROOT / "qgp" / module).rglob("*.py"):
            for word in _imported(ast.parse(path.read_text())):
                users[word].add(module)
    return users


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the names of the kit that a file imports, or takes from a module that it imports."""
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgp.kit"):
            folder = ROOT.joinpath(*str(node.module).split("."))
            for name in (alias.name for alias in node.names):
                if (folder / f"{name}.py").exists() and name not in _defined():
                    modules.add(name)
                else:
                    yield name
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in modules:
                yield name


def test_the_table_lists_the_words_that_modules_import() -> None:
    listed, imported = _named_in(_section()), set(_users())
    assert listed - imported == set(), "no module imports these any more"
    assert imported - listed == set(), "list these in the table, or beneath it where few use them"


def test_the_table_has_few_rows() -> None:
    rows = [line for line in _section().splitlines() if line.startswith("| ")]
    assert len(rows) - 1 <= MOST_ROWS


def test_the_table_has_the_words_of_three_modules() -> None:
    table = "\n".join(line for line in _section().splitlines() if line.startswith("| "))
    listed = _named_in(table)
    few = {word for word in listed if len(_users()[word]) < LEAST_MODULES}
    many = {word for word in _users().keys() - listed if len(_users()[word]) >= LEAST_MODULES}
    assert many == set(), "list these in the table"
    assert few - FEW.keys() == set(), "write these in their module, or merge them with others"
    assert FEW.keys() - few == set(), "three modules use these by now"

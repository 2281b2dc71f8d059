"""Wording check of `make lint`: names of variables, and descriptions in the schema.

A variable is named after the value that it holds, and a description begins with a noun or a verb.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graphql import parse

ROOT = Path(__file__).parents[1]
SCHEMA = "schema/schema.graphql"
CHECKED = ("qgp", "tests", "bench", "alembic/env.py")
BANNED = frozenset(
    ("told", "found", "asked", "given", "wanted", "known", "made", "here", "there", "way", "own")
)
_QUESTION = re.compile(r"(What|Who|How|Where)\b")
_INSTALLED = {".venv", "node_modules"}
_PARTS = ("fields", "arguments", "values")


def banned_names(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each variable and parameter with a banned name."""
    for node in ast.walk(ast.parse(source)):
        name = _bound_name(node)
        if name in BANNED:
            yield node.lineno, name  # type: ignore[attr-defined]  # a node that binds a name


def _bound_name(node: ast.AST) -> str | None:
    match node:
        case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
            return name
        case ast.ExceptHandler(name=name) | ast.MatchAs(name=name) | ast.MatchStar(name=name):
            return name
    return None


def questions(schema: str) -> Iterator[tuple[str, str]]:
    """Yield coordinate and text of each description in SDL that begins like a question."""
    for definition in parse(schema).definitions:
        if hasattr(definition, "name"):
            yield from _questions(definition, definition.name.value)


def _questions(node: Any, coordinate: str) -> Iterator[tuple[str, str]]:
    description = getattr(node, "description", None)
    if description is not None and _QUESTION.match(description.value):
        yield coordinate, description.value
    for part in _PARTS:
        for child in getattr(node, part, None) or ():
            yield from _questions(child, f"{coordinate}.{child.name.value}")


def problems(root: Path) -> Iterator[str]:
    """Yield a line for each banned name and each such description below a folder.

    Args:
        root: has the folders of `CHECKED`, and the schema.
    """
    for path in sorted(_files(root)):
        for line, name in banned_names(path.read_text()):
            yield f"{path.relative_to(root)}:{line}: `{name}` says nothing of the value it holds."
    for coordinate, text in questions((root / SCHEMA).read_text()):
        yield f"{SCHEMA}: {coordinate} is described by a question: {text!r}"


def _files(root: Path) -> Iterator[Path]:
    for name in CHECKED:
        path = root / name
        files = path.rglob("*.py") if path.is_dir() else (path,)
        yield from (file for file in files if not _INSTALLED & {*file.relative_to(root).parts})


if __name__ == "__main__":
    lines = [*problems(ROOT)]
    if lines:
        print("\n".join(lines))
        print("Name a variable after its value; begin a description with a noun or a verb.")
        sys.exit(1)

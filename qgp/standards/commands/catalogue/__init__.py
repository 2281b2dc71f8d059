"""Catalogue of standards shipped with the product: package data, read once on first use."""

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from qgp.standards.commands.catalogue.editions import parse_edition
from qgp.standards.commands.catalogue.mappings import edition_mappings, theme_mappings
from qgp.standards.commands.catalogue.records import (
    CatalogueClause,
    CatalogueError,
    CatalogueMapping,
    CatalogueStandard,
)
from qgp.standards.commands.numbering import sort_key

__all__ = [
    "CatalogueClause",
    "CatalogueError",
    "CatalogueMapping",
    "CatalogueStandard",
    "edition",
    "editions",
    "mappings",
    "mappings_between",
]

_THEMES = "themes.toml"


@cache
def editions() -> tuple[CatalogueStandard, ...]:
    """Return every shipped edition, by family and then from older to newer.

    Raises:
        CatalogueError: a data file is wrong; the message names file and place.
    """
    standards = []
    for name, document in _documents("editions"):
        with _blaming(name):
            standards.append(parse_edition(document))
    standards.sort(key=lambda standard: sort_key(standard.key))
    keys = {standard.key for standard in standards}
    if len(keys) < len(standards):
        raise CatalogueError("two files hold the same edition")
    for standard in standards:
        if standard.supersedes and f"{standard.family_code}:{standard.supersedes}" not in keys:
            raise CatalogueError(f"{standard.key} supersedes an edition that is not shipped")
    return tuple(standards)


def edition(family_code: str, edition: str) -> CatalogueStandard | None:
    """Return one shipped edition, as in `edition("ISO9001", "2015")`, or None."""
    key = f"{family_code}:{edition}"
    return next((standard for standard in editions() if standard.key == key), None)


@cache
def mappings() -> tuple[CatalogueMapping, ...]:
    """Return every shipped mapping, each once.

    Raises:
        CatalogueError: a data file is wrong; the message names file and place.
    """
    by_key = {standard.key: standard for standard in editions()}
    mappings_of_pairs: list[CatalogueMapping] = []
    for name, document in _documents("mappings"):
        with _blaming(name):
            if name == _THEMES:
                mappings_of_pairs += theme_mappings(document, editions())
            else:
                mappings_of_pairs += edition_mappings(document, by_key)
    return tuple(mappings_of_pairs)


def mappings_between(
    one: CatalogueStandard, other: CatalogueStandard
) -> tuple[CatalogueMapping, ...]:
    """Return the mappings between two shipped standards, in either order.

    A mapping keeps its own direction: between editions it leads from the older to the newer.
    """
    ends = {one.key, other.key}
    return tuple(each for each in mappings() if {each.from_standard, each.to_standard} == ends)


def _documents(folder: str) -> Iterator[tuple[str, dict[str, Any]]]:
    entries = (files(__package__) / "data" / folder).iterdir()
    for entry in sorted(entries, key=lambda entry: entry.name):
        if entry.name.endswith(".toml"):
            with _blaming(entry.name):
                document = tomllib.loads(entry.read_text(encoding="utf-8"))
            yield entry.name, document


@contextmanager
def _blaming(name: str) -> Iterator[None]:
    """Name the file in the message of a mistake."""
    try:
        yield
    except KeyError as error:
        raise CatalogueError(f"{name}: there is no {error}") from error
    except ValueError as error:
        raise CatalogueError(f"{name}: {error}") from error

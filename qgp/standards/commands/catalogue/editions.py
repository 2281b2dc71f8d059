"""Parsing and validation of the shipped editions, one TOML file each."""

from collections.abc import Mapping, Sequence
from typing import Any

from qgp.standards.commands.catalogue.records import (
    CatalogueClause,
    CatalogueError,
    CatalogueStandard,
    in_natural_order,
)
from qgp.standards.model.terms import (
    AnnexSlTheme,
    ClauseExclusion,
    ClauseLevel,
    ControlTheme,
    ControlType,
    SecurityProperty,
    StandardKind,
    StandardStatus,
)

GUIDANCE_LIMIT = 160
"""Characters that one line of guidance may have."""

_PROPERTIES = {term.value[0]: term for term in SecurityProperty}


def parse_edition(document: Mapping[str, Any]) -> CatalogueStandard:
    """Build one edition from its parsed file.

    Raises:
        CatalogueError: a parent is missing, a number is repeated, a line is incomplete, or a list
            names a clause that is not there.
        ValueError: a line has too few entries or a word that no vocabulary knows.
    """
    about = document["standard"]
    return CatalogueStandard(
        family_code=about["family_code"],
        edition=about["edition"],
        title=about["title"],
        kind=StandardKind(about["kind"]),
        publisher=about["publisher"],
        published_on=about.get("published_on"),
        status=StandardStatus(about["status"]),
        transition_deadline=about.get("transition_deadline"),
        supersedes=about.get("supersedes"),
        licence_note=about["licence_note"],
        clauses=_clauses(document),
    )


def _clauses(document: Mapping[str, Any]) -> tuple[CatalogueClause, ...]:
    lines: list[tuple[str, list[str], ControlTheme | None]] = [
        (number, line, None) for number, line in document["clauses"].items()
    ]
    for theme, controls in document.get("controls", {}).items():
        lines += [(number, line, ControlTheme(theme)) for number, line in controls.items()]
    numbers = {number for number, _, _ in lines}
    parents = {_parent(number) for number in numbers} - {None}
    if len(numbers) < len(lines):
        raise CatalogueError("a number stands in two tables")
    if missing := parents - numbers:
        raise CatalogueError(f"{sorted(map(str, missing))} missing, though clauses stand below")
    about = document["standard"]
    once, always = about["organization_wide"], about["never_excluded"]
    if unknown := {*once, *always} - numbers:
        raise CatalogueError(f"{sorted(unknown)} of a list are no clauses")
    return in_natural_order(
        _clause(
            *(number, line, theme),
            is_requirement=number not in parents,
            level=ClauseLevel.ORGANIZATION if _is_below(number, once) else ClauseLevel.SITE,
            exclusion=ClauseExclusion.NEVER
            if _is_below(number, always)
            else ClauseExclusion.JUSTIFIED,
        )
        for number, line, theme in lines
    )


def _is_below(number: str, tops: Sequence[str]) -> bool:
    """Return whether a clause is one of `tops`, or below one."""
    return any(number == top or number.startswith(f"{top}.") for top in tops)


def _clause(
    number: str, line: list[str], control_theme: ControlTheme | None, **facts: Any
) -> CatalogueClause:
    title, theme, *control, guidance = line
    if not title or not 0 < len(guidance) <= GUIDANCE_LIMIT:
        raise CatalogueError(f"{number} needs a title, and guidance of up to {GUIDANCE_LIMIT}")
    types, protects = control if control_theme else ("", "")
    return CatalogueClause(
        key=number,
        number=number,
        title=title,
        guidance=guidance,
        parent=_parent(number),
        depth=len(_steps(number)) - 1,
        **facts,
        theme=AnnexSlTheme(theme),
        control_theme=control_theme,
        control_types=tuple(map(ControlType, types.split())),
        security_properties=tuple(_PROPERTIES[letter] for letter in protects.split()),
    )


def _parent(number: str) -> str | None:
    return ".".join(_steps(number)[:-1]) or None


def _steps(number: str) -> list[str]:
    """Split '8.5.1' into its levels; an annex and its first number, 'A.5', are one level."""
    head, *rest = number.split(".")
    return [head, *rest] if head.isdigit() else [f"{head}.{rest[0]}", *rest[1:]]

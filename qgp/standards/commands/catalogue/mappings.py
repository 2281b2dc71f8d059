"""Parsing and validation of the shipped clause mappings, by subject and between editions."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from qgp.standards.commands.catalogue.records import (
    CatalogueError,
    CatalogueMapping,
    CatalogueStandard,
)
from qgp.standards.model.terms import ChangeKind, MappingBasis, MappingRelation

_STRENGTH = {
    MappingRelation.EQUAL: 100,
    MappingRelation.SUBSET: 80,
    MappingRelation.SUPERSET: 80,
    MappingRelation.NONE: 0,
}


def theme_mappings(
    document: Mapping[str, Any], standards: tuple[CatalogueStandard, ...]
) -> Iterator[CatalogueMapping]:
    """Relate every two standards of different families, topic by topic.

    Raises:
        CatalogueError: a topic names a standard or a clause that is not shipped.
    """
    seen: set[tuple[str, str, str, str]] = set()
    for topic in document["topic"]:
        _known_names(topic, standards)
        for left, right in combinations(standards, 2):
            if left.family_code == right.family_code:
                continue
            for start in _places(topic, left):
                for end in _places(topic, right):
                    ends = (left.key, start, right.key, end)
                    if ends in seen:
                        continue
                    seen.add(ends)
                    yield CatalogueMapping(
                        *ends,
                        relation=MappingRelation(topic["relation"]),
                        strength=document["strength"],
                        basis=MappingBasis.THEME,
                        change_kind=None,
                        note=topic["name"],
                    )


def _places(topic: Mapping[str, Any], standard: CatalogueStandard) -> list[str]:
    places: list[str] = topic.get(standard.key, topic.get(standard.family_code, []))
    for number in places:
        _require(standard, number)
    return places


def _known_names(topic: Mapping[str, Any], standards: tuple[CatalogueStandard, ...]) -> None:
    names = {name for standard in standards for name in (standard.key, standard.family_code)}
    if unknown := set(topic) - names - {"name", "relation"}:
        raise CatalogueError(f"topic {topic['name']} names {sorted(unknown)}, which is not shipped")


def edition_mappings(
    document: Mapping[str, Any], standards: Mapping[str, CatalogueStandard]
) -> Iterator[CatalogueMapping]:
    """Map each requirement of two editions to its counterpart.

    Only changes are written down; whatever they do not name is UNCHANGED.

    Raises:
        CatalogueError: a requirement of either edition would be left without an answer.
    """
    older, newer = standards[document["from"]], standards[document["to"]]
    changes = [
        (ChangeKind(kind), start or None, end or None, note)
        for kind, start, end, note in document["changes"]
    ]
    starts = Counter(start for _, start, _, _ in changes)
    ends = Counter(end for _, _, end, _ in changes)
    arrivals = {clause.number for clause in newer.requirements}
    for clause in older.requirements:
        if clause.number not in starts:
            changes.append((ChangeKind.UNCHANGED, clause.number, clause.number, ""))
    if arrivals - {end for _, _, end, _ in changes}:
        raise CatalogueError(f"{newer.key} has requirements that no change leads to")

    for kind, start, end, note in changes:
        _check_ends(kind, start, end)
        _require(older, start)
        _require(newer, end)
        relation = _relation(kind, splits=starts[start] > 1, merges=ends[end] > 1)
        yield CatalogueMapping(
            older.key,
            start,
            newer.key,
            end,
            relation=relation,
            strength=_STRENGTH[relation],
            basis=MappingBasis.EDITION_CHANGE,
            change_kind=kind,
            note=note,
        )


def _relation(kind: ChangeKind, *, splits: bool, merges: bool) -> MappingRelation:
    if kind in {ChangeKind.NEW, ChangeKind.REMOVED}:
        return MappingRelation.NONE
    if splits:
        return MappingRelation.INTERSECT if merges else MappingRelation.SUPERSET
    if merges or kind is ChangeKind.EXTENDED:
        return MappingRelation.SUBSET
    return MappingRelation.EQUAL


def _check_ends(kind: ChangeKind, start: str | None, end: str | None) -> None:
    if (start is None) != (kind is ChangeKind.NEW) or (end is None) != (kind is ChangeKind.REMOVED):
        raise CatalogueError(f"{kind} from {start} to {end} has the wrong ends")


def _require(standard: CatalogueStandard, number: str | None) -> None:
    if number is not None and all(clause.number != number for clause in standard.clauses):
        raise CatalogueError(f"{standard.key} has no clause {number}")

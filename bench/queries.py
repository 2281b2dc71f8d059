"""Queries of the benchmark: six operations and the values of their variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from bench.database import Stage, own

CODE = "B@@@@@@@@@@@@"  # the load generator replaces the @ by a number never sent before


class Id(NamedTuple):
    """A record's id, which each kind of server writes in its own way."""

    prefix: str
    value: UUID

    def in_organization(self, place: int) -> "Id":
        """Return the id of the same record in another organization."""
        return Id(self.prefix, own(self.value, place))


def with_ids(value: Any, change: Callable[[Id], Any]) -> Any:
    """Return the values of variables with each id changed."""
    if isinstance(value, Id):
        return change(value)
    if isinstance(value, Mapping):
        return {name: with_ids(inner, change) for name, inner in value.items()}
    return value


@dataclass(frozen=True)
class Query:
    """One operation.

    Attributes:
        name: of the operation in its document.
        title: what it stands for, in the tables.
        field: the root field of the answer.
        values: the variables to send in turn.
        changes: whether it writes.
    """

    name: str
    title: str
    field: str
    values: Callable[[Stage], Sequence[Mapping[str, Any]]] = lambda _: [{}]
    changes: bool = False


def _assessments(stage: Stage) -> Sequence[Mapping[str, Any]]:
    data = stage.ask(
        "SELECT id FROM plain.clause_assessments WHERE owner_id IS NOT NULL"
        " ORDER BY md5(id::text) LIMIT 500"
    )
    return [{"id": Id("asm", UUID(id))} for id in data]


def _pairs(stage: Stage) -> Sequence[Mapping[str, Any]]:
    data = stage.ask(
        "SELECT conformity, implementation FROM plain.clause_assessments"
        " GROUP BY 1, 2 HAVING count(*) >= 50 ORDER BY 1, 2"
    )
    names = ("conformity", "implementation")
    return [dict(zip(names, row.split("|"), strict=True)) for row in data]


def _findings(stage: Stage) -> Sequence[Mapping[str, Any]]:
    sites = stage.ask("SELECT id FROM plain.sites ORDER BY id")
    return [{"input": _finding(place, UUID(site))} for place, site in enumerate(sites)]


def _finding(place: int, site: UUID) -> Mapping[str, Any]:
    return {
        "idempotencyKey": CODE,
        "title": f"Label missing on pallet {place}",
        "grade": "MINOR",
        "sourceType": "PROCESS",
        "statement": f'Pallet {place} in the "blocked goods" area bore no label; größer als 5 kg.',
        "severity": 2,
        "siteId": Id("sit", site),
    }


QUERIES = {
    query.name: query
    for query in (
        Query("Q1", "one record with relations", "clauseAssessment", _assessments),
        Query("Q2", "nested, 1.2 MB", "standards"),
        Query("Q3", "1,000 flat rows", "clauses"),
        Query("Q4", "filtered page with total", "clauseAssessments", _pairs),
        Query("Q5", "create and read back", "findingCreate", _findings, changes=True),
        Query("Q6", "`__typename`", "__typename"),
    )
}

"""Queries of the benchmark: six operations and the values of their variables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from bench.database import Stage

CODE = "B@@@@@@@@@@@@"  # the load generator replaces the @ by a number never sent before


class Id(NamedTuple):
    """A record's id, which each kind of server writes in its own way."""

    prefix: str
    value: UUID


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


def _sites(stage: Stage) -> Sequence[Mapping[str, Any]]:
    parents = stage.ask("SELECT id FROM plain.sites ORDER BY id")
    return [
        {"input": {"code": CODE, "name": f"Plant {place}", "parentId": Id("sit", UUID(parent))}}
        for place, parent in enumerate(parents)
    ]


QUERIES = {
    query.name: query
    for query in (
        Query("Q1", "one record with relations", "clauseAssessment", _assessments),
        Query("Q2", "nested, 1.2 MB", "standards"),
        Query("Q3", "1,000 flat rows", "clauses"),
        Query("Q4", "filtered page with total", "clauseAssessments", _pairs),
        Query("Q5", "create and read back", "siteCreate", _sites, changes=True),
        Query("Q6", "`__typename`", "__typename"),
    )
}

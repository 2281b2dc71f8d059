"""A list of assessments with nulls and ties in its columns, and the pages that a client reads."""

import itertools
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from qgp.organizations.model import Site
from qgp.standards.model import Clause, ClauseAssessment, Standard
from qgp.standards.model.terms import (
    Conformity,
    Implementation,
    StandardKind,
    StandardOrigin,
    StandardStatus,
)
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of

ROWS = 36
ORDERED_BY = {"TARGET_ON": "target_on", "MATURITY": "maturity", "ASSESSED_AT": "assessed_at"}
PAGE = """query ($filter: ClauseAssessmentFilter, $orderBy: [ClauseAssessmentOrder!],
        $first: Int, $after: String, $last: Int, $before: String) {
    clauseAssessments(filter: $filter, orderBy: $orderBy, first: $first, after: $after,
            last: $last, before: $before) {
        nodes { id } edges { cursor node { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""


@dataclass(frozen=True)
class AssessmentList:
    """Assessments of one clause at many sites, as their company's owner pages through them."""

    company: Company
    api: Client
    clause: Clause
    rows: Sequence[ClauseAssessment]

    async def page(self, **arguments: Any) -> Any:
        """Return one page of the register."""
        return (await self.api.ask(PAGE, **arguments))["clauseAssessments"]

    async def forward(self, size: int, **arguments: Any) -> AsyncIterator[list[str]]:
        """Yield the ids of page after page, first to last."""
        after = None
        while True:
            page = await self.page(first=size, after=after, **arguments)
            assert page["pageInfo"]["hasPreviousPage"] == (after is not None)
            yield ids_of(page)
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]

    async def backward(self, size: int, **arguments: Any) -> AsyncIterator[list[str]]:
        """Yield the ids of page after page, last to first, each page in list order."""
        before = None
        while True:
            page = await self.page(last=size, before=before, **arguments)
            assert page["pageInfo"]["hasNextPage"] == (before is not None)
            yield ids_of(page)
            if not page["pageInfo"]["hasPreviousPage"]:
                return
            before = page["pageInfo"]["startCursor"]

    def sorted(self, orders: Sequence[tuple[str, str]]) -> list[str]:
        """Return the ids in the order that the API promises, computed here."""
        rows = list(self.rows)
        last = orders[-1][1] if orders else "ASC"
        for name, direction in reversed([*(orders or [("ASSESSED_AT", "ASC")]), ("ID", last)]):
            attribute = ORDERED_BY.get(name, "id")
            rows.sort(key=lambda row: rank(getattr(row, attribute)), reverse=direction == "DESC")
        return [row.public_id for row in rows]


def rank(value: Any) -> tuple[bool, Any]:
    """Put empty values last; a descending order puts them first."""
    return (value is None, 0 if value is None else value)


def ids_of(page: Any) -> list[str]:
    """Return the ids of a page, which tells them twice."""
    ids = [node["id"] for node in page["nodes"]]
    assert ids == [edge["node"]["id"] for edge in page["edges"]]
    cursors = [edge["cursor"] for edge in page["edges"]] or [None]
    assert (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]) == (
        cursors[0],
        cursors[-1],
    )
    return ids


async def fill(company: Company) -> tuple[Clause, Sequence[ClauseAssessment]]:
    """Write a clause and its assessments at many sites."""
    async with work_of(company) as work:
        standard = await work.add(
            Standard(
                family_code="HOUSE",
                edition="1",
                title="House rules",
                kind=StandardKind.SCHEME,
                origin=StandardOrigin.OWN,
                status=StandardStatus.ACTIVE,
            )
        )
        clause = await work.add(factories.clause(standard.id))
    return clause, await assess(company, clause, 0, ROWS)


async def assess(
    company: Company, clause: Clause, start: int, stop: int
) -> Sequence[ClauseAssessment]:
    """Write assessments whose columns have ties and gaps; each at a site of its own."""
    days = itertools.cycle([None, date(2026, 1, 1), date(2026, 5, 1), date(2026, 5, 1), None])
    marks = itertools.cycle([3, None, 0, 5, None, 3, 1])
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    places = [Site(code=f"S{place:03}", name=f"Site {place}") for place in range(start, stop)]
    async with work_of(company) as work:
        await work.add(*places)
        rows = [
            ClauseAssessment(
                clause_id=clause.id,
                site_id=site.id,
                is_applicable=True,
                justification_basis=[],
                implementation=Implementation.PLANNED,
                conformity=Conformity.NOT_ASSESSED,
                maturity=next(marks),
                target_on=next(days),
                assessed_at=moment + timedelta(microseconds=place // 4),
            )
            for place, site in enumerate(places, start=start)
        ]
        await work.add(*rows)
    return rows

"""How other modules reach standards, clauses, mappings and assessments."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.kit.loader import Reads, one, readable
from qgp.kit.policy import Permission
from qgp.standards.model import Clause, ClauseAssessment, ClauseMapping, Standard
from qgp.standards.policy import READ

MOST_MAPPINGS = 50

standard_by_id = one(Standard, READ)
standard_by_code = one(Standard, READ, by=Standard.code)
clause_by_id = one(Clause, READ)
mapping_by_id = one(ClauseMapping, READ)
assessment_by_id = one(ClauseAssessment, READ)


@dataclass(frozen=True, eq=False)
class Ancestors:
    """The clauses above each clause, the topmost first."""

    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[Clause]]:
        """Climb all trees in one statement."""
        steps: Any = sa.select(Clause.id.label("leaf"), Clause.parent_id.label("above"))
        climb = steps.where(Clause.id.in_(keys)).cte("climb", recursive=True)
        next_up = aliased(Clause)
        further: Any = sa.select(climb.c.leaf, next_up.parent_id)
        climb = climb.union_all(further.join(next_up, next_up.id == climb.c.above))
        wanted: Any = readable(Clause, self.read, reads).add_columns(climb.c.leaf)
        wanted = wanted.join(climb, climb.c.above == Clause.id)
        found: dict[UUID, list[Clause]] = defaultdict(list)
        for clause, leaf in await reads.tuples(wanted.order_by(Clause.depth)):
            found[leaf].append(clause)
        return [found[key] for key in keys]


@dataclass(frozen=True, eq=False)
class Mappings:
    """The mappings that start or end at each clause, the strongest first; at most 50."""

    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[ClauseMapping]]:
        """Rank both directions clause by clause, in one statement."""
        ends = (ClauseMapping.from_clause_id, ClauseMapping.to_clause_id)
        mappings: Any = readable(ClauseMapping, self.read, reads)
        both = sa.union_all(*[_at(end, keys, mappings) for end in ends]).subquery()
        order = (both.c.strength.desc(), both.c.id)
        rank = sa.func.row_number().over(partition_by=both.c.clause_id, order_by=order)
        ranked: Any = sa.select(both.c.clause_id, both.c.id, rank.label("rank")).subquery()
        wanted = mappings.add_columns(ranked.c.clause_id)
        wanted = wanted.join(ranked, ranked.c.id == ClauseMapping.id)
        wanted = wanted.where(ranked.c.rank <= MOST_MAPPINGS).order_by(ranked.c.rank)
        found: dict[UUID, list[ClauseMapping]] = defaultdict(list)
        for mapping, clause_id in await reads.tuples(wanted):
            found[clause_id].append(mapping)
        return [found[key] for key in keys]


def _at(end: Any, keys: list[UUID], mappings: Any) -> Any:
    """Select the mappings with this end at one of the clauses."""
    facts = (end.label("clause_id"), ClauseMapping.id, ClauseMapping.strength)
    return mappings.with_only_columns(*facts).where(end.in_(keys))


@dataclass(frozen=True, eq=False)
class OverallAssessment:
    """The assessment of each clause for the whole organization, or None."""

    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[ClauseAssessment | None]:
        """Read those without a site."""
        overall = readable(ClauseAssessment, self.read, reads).where(
            ClauseAssessment.clause_id.in_(keys), ClauseAssessment.site_id.is_(None)
        )
        found = {row.clause_id: row for row in await reads.rows(overall)}
        return [found.get(key) for key in keys]


ancestors_by_clause = Ancestors(READ)
mappings_by_clause = Mappings(READ)
overall_assessment_by_clause = OverallAssessment(READ)

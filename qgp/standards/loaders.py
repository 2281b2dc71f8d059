"""Loaders and registers of standards, clauses, clause mappings and assessments."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.kit.loader import KeyIn, Reads, Register, linked, one
from qgp.kit.policy import Permission, Principal
from qgp.standards.model import (
    MOST_LEVELS,
    Clause,
    ClauseAssessment,
    ClauseMapping,
    Standard,
    StandardImport,
)
from qgp.standards.policy import READ, READ_IMPORTS

MOST_MAPPINGS = 50


def _above(_: Principal, key_in: KeyIn) -> sa.FromClause:
    """Climb all trees at once; the topmost clause has the least place."""
    start: Any = sa.select(Clause.id.label("key"), Clause.parent_id.label("id"))
    start = start.add_columns(sa.literal(0).label("place")).where(key_in(Clause.id))
    climb = start.cte(recursive=True)  # without a name, since a statement may climb several times
    next_up = aliased(Clause)
    further: Any = sa.select(climb.c.key, next_up.parent_id, climb.c.place - 1)
    links: sa.FromClause = climb.union_all(further.join(next_up, next_up.id == climb.c.id))
    return links


def _strongest(caller: Principal, key_in: KeyIn) -> sa.FromClause:
    """Rank what starts or ends at each clause."""
    both = sa.union_all(
        *[
            sa.select(end.label("key"), ClauseMapping.id, ClauseMapping.strength).where(
                key_in(end), *READ.visible(caller)
            )
            for end in (ClauseMapping.from_clause_id, ClauseMapping.to_clause_id)
        ]
    ).subquery()
    order = (both.c.strength.desc(), both.c.id)
    rank = sa.func.row_number().over(partition_by=both.c.key, order_by=order)
    ranked = sa.select(both.c.key, both.c.id, rank.label("place")).subquery()
    return sa.select(ranked).where(ranked.c.place <= MOST_MAPPINGS).subquery()


@dataclass(frozen=True, eq=False)
class _Cited:
    """Loads clauses by citation: code of the standard and number, as in ISO9001:2015 8.4.1."""

    model: type[Clause] = Clause
    read: Permission = READ
    cited: tuple[str, ...] = ("standard.code", "number")
    example: str = "ISO9001:2015 8.4.1"

    async def fetch(self, reads: Reads, keys: list[str]) -> list[Clause | None]:
        """Return the clauses in the order of the keys."""
        cited = [tuple(key.rsplit(maxsplit=1)) for key in keys]
        named: Any = sa.tuple_(Standard.code, Clause.number)
        rows: Any = sa.select(Clause, Standard.code)
        rows = rows.join(Standard, Standard.id == Clause.standard_id)
        rows = rows.where(named.in_([pair for pair in cited if len(pair) == 2]))
        by_key: dict[tuple[str, ...], Clause] = {}
        for clause, code in await reads.tuples(rows.where(*READ.visible(reads.caller))):
            by_key[code, clause.number] = clause
        return [by_key.get(pair) for pair in cited]


standard_by_id = one(Standard, READ)
standard_by_code = one(Standard, READ, by=Standard.code)
standard_import_by_id = one(StandardImport, READ_IMPORTS)
clause_by_id = one(Clause, READ)
clause_as_cited = _Cited()
mapping_by_id = one(ClauseMapping, READ)
assessment_by_id = one(ClauseAssessment, READ)
ancestors_by_clause = linked(Clause, READ, _above, most=MOST_LEVELS)
mappings_by_clause = linked(ClauseMapping, READ, _strongest, most=MOST_MAPPINGS)
overall_assessment_by_clause = one(
    ClauseAssessment,
    READ,
    by=ClauseAssessment.clause_id,
    where=(ClauseAssessment.site_id.is_(None),),
)

standards = Register(Standard, READ, ("code",))
clauses = Register(Clause, READ, ("standard_id", "sort_key"))
clause_mappings = Register(ClauseMapping, READ, ("created_at",))
clause_assessments = Register(ClauseAssessment, READ, ("assessed_at",))
standard_imports = Register(StandardImport, READ_IMPORTS, ("created_at",))

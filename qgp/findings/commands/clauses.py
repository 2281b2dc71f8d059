"""Which clauses a finding is written against, the primary one among them."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.findings.model import Finding, FindingClause
from qgp.kit.errors import Invalid, require_at_most
from qgp.kit.work import Work
from qgp.standards.facts import require_in_use

MOST_CLAUSES = 50
NAMES = ("primary_clause_id", "clause_ids")


async def write(
    work: Work, finding: Finding, primary_clause_id: UUID | None, clause_ids: Sequence[UUID]
) -> None:
    """Write a new finding's clauses.

    Raises:
        Invalid: a clause twice, more than 50, or one that is withdrawn.
        NotFound: no such clause in this organization.
    """
    await _fit(work, primary_clause_id, clause_ids, known=())
    rows = [_row(finding, id, primary_clause_id) for id in _all(primary_clause_id, clause_ids)]
    if rows:
        await work.add(*rows)


async def rewrite(work: Work, finding: Finding, changes: dict[str, Any]) -> bool:
    """Change a finding's clauses as an update asks; say whether anything differs.

    A further clause that becomes the primary one is no further one any more.

    Raises:
        Invalid, NotFound: see `write`.
    """
    here = await work.rows(
        sa.select(FindingClause)
        .where(FindingClause.finding_id == finding.id)
        .order_by(FindingClause.id)
    )
    old = next((row.clause_id for row in here if row.is_primary), None)
    primary = changes.get("primary_clause_id", old)
    further = changes.get("clause_ids")
    if further is None:
        further = [r.clause_id for r in here if not r.is_primary and r.clause_id != primary]
    await _fit(work, primary, further, known={row.clause_id for row in here})
    wanted = _all(primary, further)
    if old == primary and {row.clause_id for row in here} == set(wanted):
        return False
    kept = {row.clause_id: row for row in here if row.clause_id in wanted}
    for row in here:
        if row.clause_id not in kept:
            await work.remove(row)
        elif row.is_primary and row.clause_id != primary:
            await work.change(row, {"is_primary": False})
    for id in wanted:
        if id not in kept:
            await work.add(_row(finding, id, primary))
        elif id == primary:
            await work.change(kept[id], {"is_primary": True})
    return True


async def has_primary(work: Work, finding: Finding) -> bool:
    """Say whether the finding names the clause that counts."""
    of_it = sa.select(FindingClause.id).where(FindingClause.finding_id == finding.id)
    return bool(await work.rows(of_it.where(FindingClause.is_primary)))


def _all(primary: UUID | None, further: Sequence[UUID]) -> list[UUID]:
    return [*([] if primary is None else [primary]), *further]


def _row(finding: Finding, id: UUID, primary: UUID | None) -> FindingClause:
    return FindingClause(finding_id=finding.id, clause_id=id, is_primary=id == primary)


async def _fit(
    work: Work, primary: UUID | None, further: Sequence[UUID], *, known: Collection[UUID]
) -> None:
    """Check the clauses; what the finding names already may have been withdrawn since."""
    wanted = _all(primary, further)
    if len(set(wanted)) < len(wanted):
        told = "Name each clause once; `clauseIds` leaves the primary one out."
        raise Invalid(told, "clauseIds")
    message = f"A finding names at most {MOST_CLAUSES} clauses."
    require_at_most(MOST_CLAUSES, len(wanted), message, "clauseIds")
    paths = {id: "primaryClauseId" if id == primary else "clauseIds" for id in wanted}
    await require_in_use(work, {id: path for id, path in paths.items() if id not in known})

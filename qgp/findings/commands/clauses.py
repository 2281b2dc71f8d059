"""Commands on the clauses that a finding cites, with the primary one."""

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


async def add(
    work: Work, finding: Finding, primary_clause_id: UUID | None, clause_ids: Sequence[UUID]
) -> None:
    """Add the clauses of a new finding.

    Raises:
        Invalid: a clause twice, more than 50, or one that is withdrawn.
        NotFound: no such clause in this organization.
    """
    await _check(work, primary_clause_id, clause_ids, cited=())
    rows = [_row(finding, id, primary_clause_id) for id in _all(primary_clause_id, clause_ids)]
    if rows:
        await work.add(*rows)


async def replace(work: Work, finding: Finding, changes: dict[str, Any]) -> bool:
    """Replace a finding's clauses as an update demands; return whether anything changed.

    A further clause that becomes the primary one is removed from the further ones.

    Raises:
        Invalid, NotFound: see `write`.
    """
    links = await work.rows(
        sa.select(FindingClause)
        .where(FindingClause.finding_id == finding.id)
        .order_by(FindingClause.id)
    )
    old = next((row.clause_id for row in links if row.is_primary), None)
    primary = changes.get("primary_clause_id", old)
    further = changes.get("clause_ids")
    if further is None:
        further = [r.clause_id for r in links if not r.is_primary and r.clause_id != primary]
    await _check(work, primary, further, cited={row.clause_id for row in links})
    clause_ids = _all(primary, further)
    if old == primary and {row.clause_id for row in links} == set(clause_ids):
        return False
    kept = {row.clause_id: row for row in links if row.clause_id in clause_ids}
    for row in links:
        if row.clause_id not in kept:
            await work.remove(row)
        elif row.is_primary and row.clause_id != primary:
            await work.change(row, {"is_primary": False})
    for id in clause_ids:
        if id not in kept:
            await work.add(_row(finding, id, primary))
        elif id == primary:
            await work.change(kept[id], {"is_primary": True})
    return True


async def has_primary(work: Work, finding: Finding) -> bool:
    """Return whether the finding has a primary clause."""
    of_it = sa.select(FindingClause.id).where(FindingClause.finding_id == finding.id)
    return bool(await work.rows(of_it.where(FindingClause.is_primary)))


def _all(primary: UUID | None, further: Sequence[UUID]) -> list[UUID]:
    return [*([] if primary is None else [primary]), *further]


def _row(finding: Finding, id: UUID, primary: UUID | None) -> FindingClause:
    return FindingClause(finding_id=finding.id, clause_id=id, is_primary=id == primary)


async def _check(
    work: Work, primary: UUID | None, further: Sequence[UUID], *, cited: Collection[UUID]
) -> None:
    """Check the clauses; those that the finding `cited` before may have been withdrawn since."""
    clause_ids = _all(primary, further)
    if len(set(clause_ids)) < len(clause_ids):
        message = "A clause is cited twice. Cite each once, and the primary one not in `clauseIds`."
        raise Invalid(message, "clauseIds")
    message = (
        f"The finding would cite {len(clause_ids)} clauses. It cites at most {MOST_CLAUSES}, the "
        "primary one included. Remove some."
    )
    require_at_most(MOST_CLAUSES, len(clause_ids), message, "clauseIds")
    paths = {id: "primaryClauseId" if id == primary else "clauseIds" for id in clause_ids}
    await require_in_use(work, {id: path for id, path in paths.items() if id not in cited})

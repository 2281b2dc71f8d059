"""Commands on the clauses that a finding cites, with the primary one."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.findings.model import Finding, FindingClause
from qgp.kit.errors import Invalid, require_at_most
from qgp.kit.work import Work
from qgp.standards.facts import expired_clauses, require_in_use

MOST_CLAUSES = 50
NAMES = ("primary_clause_id", "clause_ids")


async def add(
    work: Work, finding: Finding, primary_clause_id: UUID | None, clause_ids: Sequence[UUID]
) -> None:
    """Add the clauses of a new finding.

    Raises:
        Invalid: a clause twice, more than 50, one that is withdrawn, or one of a superseded edition
            whose transition deadline was before the date of detection.
        NotFound: no such clause in this organization.
    """
    await _check(work, primary_clause_id, clause_ids, cited=())
    await _require_valid(work, _paths(primary_clause_id, clause_ids), finding.detected_on)
    rows = [_row(finding, id, primary_clause_id) for id in _all(primary_clause_id, clause_ids)]
    if rows:
        await work.add(*rows)


async def changed(work: Work, finding: Finding, changes: Mapping[str, Any]) -> list[str]:
    """Return the fields of the clauses that a change gives another value."""
    if not changes.keys() & {*NAMES}:
        return []
    links = await _links(work, finding)
    old, (primary, further) = _primary_of(links), _demanded(links, changes)
    now = {row.clause_id for row in links if not row.is_primary}
    are_changed = {"primary_clause_id": primary != old, "clause_ids": set(further) != now}
    return [name for name in NAMES if name in changes and are_changed[name]]


async def replace(work: Work, finding: Finding, changes: dict[str, Any]) -> bool:
    """Replace a finding's clauses as a change demands; return whether they changed.

    A further clause that becomes the primary one is removed from the further ones.

    Args:
        work: the unit of work.
        finding: the finding, not yet changed.
        changes: what it changes; the clauses are removed from it.

    Raises:
        Invalid, NotFound: see `add`; also for the clauses that it cites already, where the date of
            detection changes.
    """
    day = changes.get("detected_on", finding.detected_on)
    are_named, is_moved = bool(changes.keys() & {*NAMES}), day != finding.detected_on
    if not are_named and not is_moved:
        return False
    links = await _links(work, finding)
    cited = {row.clause_id for row in links}
    if is_moved:
        await _require_valid(work, dict.fromkeys(cited, "detectedOn"), day)
    if not are_named:
        return False
    primary, further = _demanded(links, changes)
    for name in NAMES:
        changes.pop(name, None)
    await _check(work, primary, further, cited=cited)
    paths = {id: at for id, at in _paths(primary, further).items() if id not in cited}
    await _require_valid(work, paths, day)
    clause_ids = _all(primary, further)
    if _primary_of(links) == primary and cited == set(clause_ids):
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


async def _links(work: Work, finding: Finding) -> Sequence[FindingClause]:
    of_it = sa.select(FindingClause).where(FindingClause.finding_id == finding.id)
    return await work.rows(of_it.order_by(FindingClause.id))


def _primary_of(links: Sequence[FindingClause]) -> UUID | None:
    return next((row.clause_id for row in links if row.is_primary), None)


def _demanded(
    links: Sequence[FindingClause], changes: Mapping[str, Any]
) -> tuple[UUID | None, Sequence[UUID]]:
    """Return the primary clause and the further ones after a change."""
    primary: UUID | None = changes.get("primary_clause_id", _primary_of(links))
    further = changes.get("clause_ids")
    if further is None:
        further = [r.clause_id for r in links if not r.is_primary and r.clause_id != primary]
    return primary, further


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
    paths = _paths(primary, further)
    await require_in_use(work, {id: path for id, path in paths.items() if id not in cited})


def _paths(primary: UUID | None, further: Sequence[UUID]) -> dict[UUID, str]:
    """Return the input field of each clause."""
    clause_ids = _all(primary, further)
    return {id: "primaryClauseId" if id == primary else "clauseIds" for id in clause_ids}


async def _require_valid(work: Work, paths: Mapping[UUID, str], detected_on: date) -> None:
    """Refuse clauses of a superseded edition after its transition deadline."""
    key = _require_valid, detected_on, *paths.items()
    await work.check_once(key, partial(_refuse_expired, work, paths, detected_on))


async def _refuse_expired(work: Work, paths: Mapping[UUID, str], detected_on: date) -> None:
    expired = await expired_clauses(work, paths, detected_on)
    for id, path in paths.items():
        if id in expired:
            raise Invalid(expired[id], path)

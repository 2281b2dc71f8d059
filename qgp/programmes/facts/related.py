"""Statements about programme items with their audits, findings and targets."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts.coverage import (
    carried_out,
    clauses_carried_out_unfiltered,
    current_audits_unfiltered,
)
from qgp.findings.facts import clauses_of_findings_unfiltered, open_nonconformities
from qgp.kit import sql_dates
from qgp.kit.facts import VisibleRows, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.policy import Principal
from qgp.kit.shared_terms import FindingGrade
from qgp.organizations.facts import departments_unfiltered, sites_unfiltered
from qgp.processes.loaders import processes_unfiltered
from qgp.programmes.facts.hierarchy import with_ancestors, with_descendants
from qgp.programmes.model import AuditProgramme, AuditProgrammeStatus, ProgrammeItem
from qgp.programmes.policy import READ, READ_ITEMS
from qgp.standards.facts import citations_unfiltered, clauses_unfiltered

RECENT = sa.func.make_interval(0, 24)


def _items(key_in: KeyIn) -> Any:
    """Select the items that were not dropped, with the status of their audit."""
    audit = current_audits_unfiltered()
    statement: Any = sa.select(
        *(ProgrammeItem.programme_id, ProgrammeItem.id, ProgrammeItem.planned_month),
        audit.c.status,
    )
    statement = statement.join(audit, audit.c.programme_item_id == ProgrammeItem.id, isouter=True)
    statement = statement.where(
        key_in(ProgrammeItem.programme_id), ProgrammeItem.dropped_on.is_(None)
    )
    return statement.order_by(ProgrammeItem.planned_month, ProgrammeItem.id)


def _audits(key_in: KeyIn) -> Any:
    audit = current_audits_unfiltered()
    statement: Any = sa.select(ProgrammeItem.id, audit.c.id)
    statement = statement.join(audit, audit.c.programme_item_id == ProgrammeItem.id)
    return statement.where(key_in(ProgrammeItem.id))


def _audit_results(caller: Principal, key_in: KeyIn) -> Any:
    """Select the audit results of each item's target, from which its priority is computed.

    Business rule (ISO 9001:2015, 9.2.2 a; see `priority`): the open MAJOR and MINOR findings of the
    last 24 months at the target or below it, and the end of the latest fieldwork that covered it.
    One row for each item: `majors`, `minors`, time of the last audit or null.
    """
    nonconformities = _open_nonconformities(caller, key_in)
    statement: Any = sa.select(
        ProgrammeItem.id,
        nonconformities.c.majors,
        nonconformities.c.minors,
        _last_audited_at(caller, key_in),
    )
    return statement.join(nonconformities, sa.true()).where(key_in(ProgrammeItem.id))


def _targets(key_in: KeyIn, column: Any) -> Any:
    """Select item and target in one tree, of the items that have such a target."""
    start = sa.select(ProgrammeItem.id.label("key"), column.label("id"))
    return start.where(key_in(ProgrammeItem.id), column.is_not(None))


def _reached(walk: Callable[[Any, Any, str], Any], key_in: KeyIn, ending: str) -> Sequence[Any]:
    """Return the clauses, sites and departments that a walk reaches from the targets of items."""
    trees = {
        "clauses": (ProgrammeItem.clause_id, clauses_unfiltered()),
        "sites": (ProgrammeItem.site_id, sites_unfiltered()),
        "departments": (ProgrammeItem.department_id, departments_unfiltered()),
    }
    return [
        walk(_targets(key_in, column), tree, f"{name}_{ending}")
        for name, (column, tree) in trees.items()
    ]


def _matches_target(targets: Any, column: Any, item_column: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a column is among an item's targets, if it has any of the kind.

    The pairs are looked up in a set that is made once for all items.
    """
    pairs = sa.select(targets.c.key, targets.c.id)
    return sa.or_(item_column.is_(None), sa.tuple_(ProgrammeItem.id, column).in_(pairs))


def _open_nonconformities(caller: Principal, key_in: KeyIn) -> Any:
    """Count the open nonconformities at an item's target or below it, by grade."""
    clauses, sites, units = _reached(with_descendants, key_in, "below")
    cited = clauses_of_findings_unfiltered()
    statement: Any = sa.select(clauses.c.key, cited.c.finding_id.label("id"))
    by_clause = statement.join(cited, cited.c.clause_id == clauses.c.id).cte("by_clause")
    process, finding = ProgrammeItem.process_id, open_nonconformities(caller).c
    counts = (
        sa.func.count().filter(finding.grade == grade).label(name)
        for grade, name in ((FindingGrade.MAJOR, "majors"), (FindingGrade.MINOR, "minors"))
    )
    nonconformities = sa.select(*counts).where(
        finding.detected_on > sa.cast(sql_dates.today() - RECENT, sa.Date),
        _matches_target(by_clause, finding.id, ProgrammeItem.clause_id),
        _matches_target(sites, finding.site_id, ProgrammeItem.site_id),
        _matches_target(units, finding.department_id, ProgrammeItem.department_id),
        sa.or_(process.is_(None), finding.process_id == process),
    )
    return nonconformities.correlate(ProgrammeItem).lateral("open")


def _last_audited_at(caller: Principal, key_in: KeyIn) -> Any:
    """Select the end of the fieldwork of the latest audit that covers an item's target."""
    clauses, sites, units = _reached(with_ancestors, key_in, "above")
    covered = clauses_carried_out_unfiltered()
    covering: Any = sa.select(clauses.c.key, covered.c.key.label("id"))
    covering = covering.join(covered, covered.c.clause_id == clauses.c.id).cte("covering")
    process, audit = ProgrammeItem.process_id, carried_out(caller).c
    last = sa.select(sa.func.max(audit.completed_at)).where(
        _matches_target(covering, audit.id, ProgrammeItem.clause_id),
        sa.or_(
            audit.site_id.is_(None), _matches_target(sites, audit.site_id, ProgrammeItem.site_id)
        ),
        _matches_target(units, audit.department_id, ProgrammeItem.department_id),
        sa.or_(process.is_(None), audit.process_id == process),
    )
    return last.correlate(ProgrammeItem).scalar_subquery()


items = batch_rows(READ, _items)
audits = batch_rows(READ_ITEMS, _audits)
audit_results = VisibleRows(READ_ITEMS, _audit_results)


def is_free(item: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an item of an ACTIVE programme has no audit."""
    active = sa.select(AuditProgramme.id).where(
        AuditProgramme.status == AuditProgrammeStatus.ACTIVE
    )
    audit = current_audits_unfiltered().c
    audited = sa.exists().where(
        audit.organization_id == item.organization_id, audit.programme_item_id == item.id
    )
    return sa.and_(item.dropped_on.is_(None), item.programme_id.in_(active), ~audited)


def targets_unfiltered(item: ProgrammeItem) -> Sequence[sa.Select[Any]]:
    """Select the name of each target of an item, the clause first."""
    cited, process = citations_unfiltered().c, processes_unfiltered.c
    site, unit = sites_unfiltered().c, departments_unfiltered().c
    citation = sa.func.concat_ws(" ", cited.code, cited.number, cited.title)
    names: tuple[tuple[UUID | None, Any, Any], ...] = (
        (item.clause_id, cited.id, citation),
        (item.process_id, process.id, process.name),
        (item.site_id, site.id, site.name),
        (item.department_id, unit.id, unit.name),
    )
    return [sa.select(name).where(key == id) for id, key, name in names if id is not None]


def department_of_process_unfiltered(id: UUID) -> sa.Select[Any]:
    """Select the department that a process runs in."""
    process = processes_unfiltered.c
    return sa.select(process.department_id).where(process.id == id)

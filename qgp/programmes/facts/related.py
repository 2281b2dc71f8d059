"""What guards, priorities and commands have to know of other rows, for many items at once."""

from typing import Any

import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import ENDED, NONCONFORMITIES, Finding, FindingClause, FindingStatus
from qgp.kit import days
from qgp.kit.loader import Among, VisibleRows, gathered
from qgp.kit.policy import Principal
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.visibility import limits_of
from qgp.organizations.model import Department, Site
from qgp.programmes.facts.clause_coverage import CARRIED_OUT, downwards, named, upwards
from qgp.programmes.model import AuditProgramme, AuditProgrammeStatus, ProgrammeItem
from qgp.programmes.policy import READ, READ_ITEMS
from qgp.standards.model import Clause

ISSUED = (AuditStatus.REPORTED, AuditStatus.CLOSED)
RECENT = sa.func.make_interval(0, 24)
_SETTLED = (FindingStatus.DRAFT, *sorted(ENDED))


def standing_audit() -> sa.ColumnElement[bool]:
    """Return the condition that an audit counts for the item it carries out."""
    points = Audit.programme_item_id == ProgrammeItem.id
    return sa.and_(points, Audit.status != AuditStatus.CANCELLED)


def _items(among: Among) -> Any:
    """Select what of a programme was not dropped, and the state of the audit of each item."""
    told: Any = sa.select(
        ProgrammeItem.programme_id, ProgrammeItem.id, ProgrammeItem.planned_month, Audit.status
    )
    told = told.join(Audit, standing_audit(), isouter=True)
    told = told.where(among(ProgrammeItem.programme_id), ProgrammeItem.dropped_on.is_(None))
    return told.order_by(ProgrammeItem.planned_month, ProgrammeItem.id)


def _audits(among: Among) -> Any:
    told: Any = sa.select(ProgrammeItem.id, Audit.id).join(Audit, standing_audit())
    return told.where(among(ProgrammeItem.id))


def _standings(caller: Principal, among: Among) -> Any:
    """Select open major and minor nonconformities of each target, and when it was audited last."""
    found = _open(caller, among)
    told: Any = sa.select(ProgrammeItem.id, found.c.majors, found.c.minors, _last(caller, among))
    return told.join(found, sa.true()).where(among(ProgrammeItem.id))


def _of(among: Among, column: Any) -> Any:
    """Select the nodes that items are about in one tree."""
    start = sa.select(ProgrammeItem.id.label("key"), column.label("id"))
    return start.where(among(ProgrammeItem.id), column.is_not(None))


def _in(found: Any, column: Any, own: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a column is in what was found for an item, if that asks for it.

    The pairs are looked up in a set that is made once for all items.
    """
    pairs = sa.select(found.c.key, found.c.id)
    return sa.or_(own.is_(None), sa.tuple_(ProgrammeItem.id, column).in_(pairs))


def _open(caller: Principal, among: Among) -> Any:
    """Count what was found where an item looks, or below it, by grade."""
    clauses = downwards(_of(among, ProgrammeItem.clause_id), Clause, "clauses_below")
    sites = downwards(_of(among, ProgrammeItem.site_id), Site, "sites_below")
    units = downwards(_of(among, ProgrammeItem.department_id), Department, "departments_below")
    told: Any = sa.select(clauses.c.key, FindingClause.finding_id.label("id"))
    told = told.join(FindingClause, FindingClause.clause_id == clauses.c.id).cte("told")
    process = ProgrammeItem.process_id
    counts = (
        sa.func.count().filter(Finding.grade == grade).label(name)
        for grade, name in ((FindingGrade.MAJOR, "majors"), (FindingGrade.MINOR, "minors"))
    )
    found = sa.select(*counts).where(
        Finding.grade.in_(NONCONFORMITIES),
        Finding.status.not_in(_SETTLED),
        Finding.detected_on > sa.cast(days.today() - RECENT, sa.Date),
        _in(told, Finding.id, ProgrammeItem.clause_id),
        _in(sites, Finding.site_id, ProgrammeItem.site_id),
        _in(units, Finding.department_id, ProgrammeItem.department_id),
        sa.or_(process.is_(None), Finding.process_id == process),
        *limits_of(Finding, caller),
    )
    return found.correlate(ProgrammeItem).lateral("open")


def _last(caller: Principal, among: Among) -> Any:
    """Tell when the latest audit that covers what an item looks at had its fieldwork done."""
    clauses = upwards(_of(among, ProgrammeItem.clause_id), Clause, "clauses_above")
    sites = upwards(_of(among, ProgrammeItem.site_id), Site, "sites_above")
    units = upwards(_of(among, ProgrammeItem.department_id), Department, "departments_above")
    names = named(Audit.id, Audit.status.in_(CARRIED_OUT))
    covering: Any = sa.select(clauses.c.key, names.c.key.label("id"))
    covering = covering.join(names, names.c.clause_id == clauses.c.id).cte("covering")
    process = ProgrammeItem.process_id
    found = sa.select(sa.func.max(Audit.completed_at)).where(
        Audit.status.in_(CARRIED_OUT),
        _in(covering, Audit.id, ProgrammeItem.clause_id),
        sa.or_(Audit.site_id.is_(None), _in(sites, Audit.site_id, ProgrammeItem.site_id)),
        _in(units, Audit.department_id, ProgrammeItem.department_id),
        sa.or_(process.is_(None), Audit.process_id == process),
        *limits_of(Audit, caller),
    )
    return found.correlate(ProgrammeItem).scalar_subquery()


items = gathered(READ, _items)
audits = gathered(READ_ITEMS, _audits)
standings = VisibleRows(READ_ITEMS, _standings)


def is_free(item: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an item waits for an audit, in a programme being carried out."""
    active = sa.select(AuditProgramme.id).where(
        AuditProgramme.status == AuditProgrammeStatus.ACTIVE
    )
    audited = sa.exists().where(
        Audit.organization_id == item.organization_id,
        Audit.programme_item_id == item.id,
        Audit.status != AuditStatus.CANCELLED,
    )
    return sa.and_(item.dropped_on.is_(None), item.programme_id.in_(active), ~audited)

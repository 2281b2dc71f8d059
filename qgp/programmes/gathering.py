"""What guards, priorities and commands have to know of other rows, for many items at once."""

from typing import Any

import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.terms import AuditStatus
from qgp.findings.model import Finding, FindingClause
from qgp.findings.terms import ENDED, FindingGrade, FindingStatus
from qgp.kit import days
from qgp.kit.loader import Among, gathered
from qgp.organizations.model import Department, Site
from qgp.programmes.model import ProgrammeItem
from qgp.programmes.policy import READ, READ_ITEMS
from qgp.programmes.reach import CARRIED_OUT, downwards, named, upwards
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
    told: Any = sa.select(ProgrammeItem.id, Audit.id, Audit.reference).join(Audit, standing_audit())
    return told.where(among(ProgrammeItem.id))


def _standings(among: Among) -> Any:
    """Select open major and minor nonconformities of each target, and when it was audited last."""
    found = _open(among)
    told: Any = sa.select(ProgrammeItem.id, found.c.majors, found.c.minors, _last(among))
    return told.join(found, sa.true()).where(among(ProgrammeItem.id))


def _of(among: Among, column: Any) -> Any:
    """Select the nodes that items are about in one tree."""
    start = sa.select(ProgrammeItem.id.label("key"), column.label("id"))
    return start.where(among(ProgrammeItem.id), column.is_not(None))


def _within(column: Any, found: Any, own: Any, *, or_everywhere: bool = False) -> Any:
    """Return the condition that a column lies where the item looks, if it looks anywhere."""
    here = sa.select(found.c.id).where(found.c.key == ProgrammeItem.id).correlate(ProgrammeItem)
    ways = [own.is_(None), column.in_(here)]
    return sa.or_(*ways, *([column.is_(None)] if or_everywhere else []))


def _open(among: Among) -> Any:
    """Count what was found where an item looks, or below it, by grade."""
    clauses = downwards(_of(among, ProgrammeItem.clause_id), Clause, "clauses_below")
    sites = downwards(_of(among, ProgrammeItem.site_id), Site, "sites_below")
    units = downwards(_of(among, ProgrammeItem.department_id), Department, "departments_below")
    of_clause = sa.select(FindingClause.finding_id).join(
        clauses, clauses.c.id == FindingClause.clause_id
    )
    of_clause = of_clause.where(clauses.c.key == ProgrammeItem.id).correlate(ProgrammeItem)
    process = ProgrammeItem.process_id
    counts = (
        sa.func.count().filter(Finding.grade == grade).label(name)
        for grade, name in ((FindingGrade.MAJOR, "majors"), (FindingGrade.MINOR, "minors"))
    )
    found = sa.select(*counts).where(
        Finding.status.not_in(_SETTLED),
        Finding.detected_on > sa.cast(days.today() - RECENT, sa.Date),
        sa.or_(ProgrammeItem.clause_id.is_(None), Finding.id.in_(of_clause)),
        _within(Finding.site_id, sites, ProgrammeItem.site_id),
        _within(Finding.department_id, units, ProgrammeItem.department_id),
        sa.or_(process.is_(None), Finding.process_id == process),
    )
    return found.correlate(ProgrammeItem).lateral("open")


def _last(among: Among) -> Any:
    """Tell when the latest audit that covers what an item looks at had its fieldwork done."""
    clauses = upwards(_of(among, ProgrammeItem.clause_id), Clause, "clauses_above")
    sites = upwards(_of(among, ProgrammeItem.site_id), Site, "sites_above")
    units = upwards(_of(among, ProgrammeItem.department_id), Department, "departments_above")
    names = named().cte("named")
    covering: Any = sa.select(clauses.c.key, names.c.audit_id).join(
        names, names.c.clause_id == clauses.c.id
    )
    covering = covering.cte("covering")
    audits = sa.select(covering.c.audit_id).where(covering.c.key == ProgrammeItem.id)
    process = ProgrammeItem.process_id
    return (
        sa.select(sa.func.max(Audit.completed_at))
        .where(
            Audit.status.in_(CARRIED_OUT),
            sa.or_(
                ProgrammeItem.clause_id.is_(None), Audit.id.in_(audits.correlate(ProgrammeItem))
            ),
            _within(Audit.site_id, sites, ProgrammeItem.site_id, or_everywhere=True),
            _within(Audit.department_id, units, ProgrammeItem.department_id),
            sa.or_(process.is_(None), Audit.process_id == process),
        )
        .correlate(ProgrammeItem)
        .scalar_subquery()
    )


items = gathered(READ, _items)
audits = gathered(READ_ITEMS, _audits)
standings = gathered(READ_ITEMS, _standings)

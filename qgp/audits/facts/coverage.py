"""Statements about the audits of programme items, and the clauses that audits cover."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from qgp.audits.model import Audit, AuditClause
from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Principal
from qgp.kit.visibility import limits_of
from qgp.templates.facts import clauses_asked_after_unfiltered

ISSUED = (AuditStatus.REPORTED, AuditStatus.CLOSED)
CARRIED_OUT = (AuditStatus.FIELDWORK_DONE, AuditStatus.IN_REVIEW, *ISSUED)


def current_audits_unfiltered() -> Any:
    """Return a table `organization_id`, `id`, `programme_item_id`, `status`, not CANCELLED."""
    columns: Any = (Audit.organization_id, Audit.id, Audit.programme_item_id, Audit.status)
    rows = sa.select(*columns).where(Audit.status != AuditStatus.CANCELLED)
    return rows.subquery("standing_audits")


def carried_out(caller: Principal) -> Any:
    """Return a table of the audits visible to the caller whose fieldwork is completed.

    The columns: `id`, `site_id`, `department_id`, `process_id`, `completed_at`.
    """
    columns: Any = (Audit.id, Audit.site_id, Audit.department_id, Audit.process_id)
    rows = sa.select(*columns, Audit.completed_at)
    rows = rows.where(Audit.status.in_(CARRIED_OUT), *limits_of(Audit, caller))
    return rows.subquery("carried_out")


def clauses_carried_out_unfiltered() -> Any:
    """Return a table `key`, `clause_id`: audits with completed fieldwork, and their clauses."""
    return _covered(Audit.id, Audit.status.in_(CARRIED_OUT))


def clauses_by_site(caller: Principal, *, after: date, until: date, zone: str) -> Any:
    """Return a table `key`, `clause_id`: sites, null for all, and clauses covered there.

    Audits count that the caller may read and that are not CANCELLED.

    Args:
        caller: who asks.
        after: the day before the first one that counts.
        until: the last day that counts.
        zone: where the days are counted.
    """
    day = _day_of(zone)
    counts = (Audit.status != AuditStatus.CANCELLED, day > after, day <= until)
    return _covered(Audit.site_id, *counts, *limits_of(Audit, caller))


def _covered(column: Any, *where: sa.ColumnElement[bool]) -> Any:
    """Return a table `key`, `clause_id`: clauses of audit criteria, and of checklist questions.

    Args:
        column: of the audit, as key.
        where: conditions on the audit.
    """
    key, asked_after = column.label("key"), clauses_asked_after_unfiltered()
    named: Any = sa.select(key, AuditClause.clause_id).select_from(Audit)
    named = named.join(AuditClause, AuditClause.audit_id == Audit.id)
    statement: Any = sa.select(key, asked_after.c.clause_id).select_from(Audit)
    is_same = asked_after.c.template_version_id == Audit.template_version_id
    statement = statement.join(asked_after, is_same)
    return sa.union(named.where(*where), statement.where(*where)).subquery("covered")


def _day_of(zone: str) -> sa.ColumnElement[Any]:
    """Return the day on which an audit counts: completed fieldwork, or else planned start."""
    done = sa.cast(sa.func.timezone(zone, Audit.completed_at), sa.Date)
    return sa.func.coalesce(done, Audit.planned_start_on)

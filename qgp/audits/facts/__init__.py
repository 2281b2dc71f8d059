"""Statements about audits for other modules, and the computation of scores."""

import sqlalchemy as sa

from qgp.audits.model import Audit, due
from qgp.audits.model.terms import AuditStatus
from qgp.audits.policy import concerning
from qgp.kit.calendar_dates import REMIND_EARLY, CalendarDate, CalendarDates, due_date
from qgp.kit.policy import Principal


def _concerns(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller leads the audit, is on its team or an auditee."""
    return sa.or_(Audit.lead_auditor_id == caller.user_id, concerning(caller))


calendar_dates = CalendarDates(
    [
        CalendarDate(
            model=Audit,
            name="planned",
            first=Audit.planned_start_on,
            last=Audit.planned_end_on,
            applies=Audit.status != AuditStatus.CANCELLED,
            concerns=_concerns,
            is_busy=True,
        ),
        # Calendars have both days already.
        due_date(
            Audit,
            due,
            "planned_start_on",
            (Audit.lead_auditor_id,),
            is_in_calendar=False,
            remind_days=REMIND_EARLY,
        ),
        due_date(Audit, due, "planned_end_on", (Audit.lead_auditor_id,), is_in_calendar=False),
    ]
)

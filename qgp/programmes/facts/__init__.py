"""Statements about programme items, their priority and the coverage gap; dates of programmes."""

from qgp.kit.calendar_dates import REMIND_EARLY, CalendarDates, due_date
from qgp.programmes.model import AuditProgramme, due

calendar_dates = CalendarDates(
    due_date(AuditProgramme, due, column, (AuditProgramme.owner_id,), remind_days=REMIND_EARLY)
    for column in ("period_start_on", "period_end_on")
)

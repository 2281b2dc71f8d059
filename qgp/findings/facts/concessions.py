"""Concessions of findings: the longest term of all of them together."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from qgp.findings.model import Finding, FindingStatus
from qgp.findings.policy import READ
from qgp.kit import clock
from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.status_history import first_entries
from qgp.kit.transitions import GuardContext
from qgp.organizations.facts import organization_of_caller


def _conceded_at(key_in: KeyIn) -> Any:
    """Select the instant of the first concession of each finding."""
    first = first_entries(Finding, FindingStatus.ACCEPTED).c
    rows: Any = sa.select(first.id, first.at)
    return rows.where(key_in(first.id))


_conceded_at_unfiltered = batch_rows(READ, _conceded_at)


async def last_day(reads: GuardContext, finding: Finding) -> date | None:
    """Return the last day of a finding's concessions, renewals included; None before the first.

    The longest term counts from the first of them. A longer one has a signed request.
    """
    rows = await reads.load(_conceded_at_unfiltered, finding.id)
    if not rows:
        return None
    ((conceded_at,),) = rows
    months = (await organization_of_caller(reads)).concession_months
    return clock.months_after(clock.day_of(conceded_at, reads.caller.zone), months)

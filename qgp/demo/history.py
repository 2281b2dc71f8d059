"""History of Demo Pumps, written in one unit of work: all of it or nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.demo import organizations
from qgp.demo.calendar import Calendar
from qgp.demo.company import PUMPS
from qgp.demo.plan import plan
from qgp.demo.playback import Playback
from qgp.demo.programme import first_day
from qgp.findings.model import CauseCategory
from qgp.kit import clock
from qgp.kit.work import Work
from qgp.organizations.model import Department, Site

_SETTLING = 60  # working days from the organization's creation to the start of its history


async def play_history(
    work: Work,
    hashed: str,
    *,
    today: date,
    years: int,
    report: Callable[[float], None] = lambda _: None,
) -> None:
    """Create the organization some years ago and run its scenarios until yesterday.

    Args:
        work: the operator's, in the new organization; without services, there are no attachments.
        hashed: the users' hashed password.
        today: the day after the history ends.
        years: of its history, at least 1.
        report: called with the share of the time that is over, 0 to 1.
    """
    # The commit checks each row of all these years.
    await work.session.execute(sa.text("SET LOCAL statement_timeout = '120s'"))
    calendar, founded_on = Calendar(today), first_day(years) - _SETTLING
    with clock.fixed(calendar.instant(founded_on)):
        people = await organizations.create_organization(work, PUMPS, hashed)
        await work.seal_audit_notes()
    playback = Playback(work, calendar, people, years)
    playback.sites = await _ids(work, Site)
    playback.departments = await _ids(work, Department)
    playback.causes = await _ids(work, CauseCategory)
    for scheduled in plan(playback):
        playback.schedule(scheduled.scenario, scheduled.day)
    await playback.play(lambda moment: report(1 - moment / founded_on))


async def _ids(
    work: Work, kind: type[Site] | type[Department] | type[CauseCategory]
) -> dict[str, UUID]:
    statement: Any = sa.select(kind.code, kind.id)
    return dict(await work.tuples(statement))

"""Plays the past of Demo Pumps within one unit of work: all of it is there, or nothing."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.demo import founding
from qgp.demo.calendar import Calendar
from qgp.demo.company import PUMPS
from qgp.demo.plan import plan
from qgp.demo.programme import first_day
from qgp.demo.stage import Stage
from qgp.kit import clock
from qgp.kit.work import Work
from qgp.organizations.model import Department, Site

_SETTLING = 60  # working days from the foundation until its history begins


async def played(
    work: Work,
    hashed: str,
    *,
    today: date,
    years: int,
    tell: Callable[[float], None] = lambda _: None,
) -> None:
    """Found the company some years ago and let it live until yesterday.

    Args:
        work: the operator's, in the organization to come; without services, files are left out.
        hashed: everybody's password.
        today: where the past ends.
        years: of its history, at least 1.
        tell: is told how much of the time is over, 0 to 1.
    """
    # The commit checks each row of all these years.
    await work.session.execute(sa.text("SET LOCAL statement_timeout = '120s'"))
    calendar, founded_on = Calendar(today), first_day(years) - _SETTLING
    with clock.fixed(calendar.instant(founded_on)):
        people = await founding.founded(work, PUMPS, hashed)
        await work.seal_audit_notes()
    stage = Stage(work, calendar, people, years)
    stage.sites = await _ids(work, Site)
    stage.departments = await _ids(work, Department)
    for opening in plan(stage):
        stage.begin(opening.story, opening.day)
    await stage.play(lambda moment: tell(1 - moment / founded_on))


async def _ids(work: Work, kind: type[Site] | type[Department]) -> dict[str, UUID]:
    found: Any = sa.select(kind.code, kind.id)
    return dict(await work.tuples(found))

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
from qgp.demo.programme import BEGIN
from qgp.demo.stage import Stage
from qgp.kit import clock
from qgp.kit.work import Work
from qgp.organizations.model import Department, Site

_FOUNDED = BEGIN - 60


async def played(
    work: Work,
    hashed: str,
    *,
    today: date,
    scale: float = 1,
    tell: Callable[[float], None] = lambda _: None,
) -> None:
    """Found the company two years ago and let it live until yesterday.

    Args:
        work: the operator's, in the organization to come; without services, files are left out.
        hashed: everybody's password.
        today: where the past ends.
        scale: 1 for all of it, less for a part.
        tell: is told how much of the time is over, 0 to 1.
    """
    # The commit checks each row of two years.
    await work.session.execute(sa.text("SET LOCAL statement_timeout = '120s'"))
    calendar = Calendar(today)
    with clock.fixed(calendar.instant(_FOUNDED)):
        people = await founding.founded(work, PUMPS, hashed)
        await work.settle()
    stage = Stage(work, calendar, people)
    stage.sites = await _ids(work, Site)
    stage.departments = await _ids(work, Department)
    for opening in plan(stage, scale):
        stage.begin(opening.story, opening.day)
    await stage.play(lambda moment: tell(1 - moment / _FOUNDED))


async def _ids(work: Work, kind: type[Site] | type[Department]) -> dict[str, UUID]:
    found: Any = sa.select(kind.code, kind.id)
    return dict(await work.tuples(found))

"""Statements about standards, clauses and assessments for other modules."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache, partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.kit.calendar_dates import CalendarDate, CalendarDates, due_date
from qgp.kit.errors import Invalid, NotFound
from qgp.kit.facts import table_of
from qgp.kit.work import Work
from qgp.standards.model import Clause, ClauseAssessment, Standard, due
from qgp.standards.model.terms import ClauseExclusion, ClauseLevel, StandardStatus
from qgp.standards.policy import READ


def why_unusable(clause: Any) -> str | None:
    """Return why a clause cannot be referred to any more; None if it can."""
    return (
        ("This clause is withdrawn. New references are to clauses in use; choose one.")
        if clause.withdrawn_at
        else None
    )


async def require_in_use(work: Work, paths: Mapping[UUID, str]) -> None:
    """Check that clauses are in use.

    Args:
        work: the unit of work.
        paths: the input field of each clause.

    Raises:
        Invalid: a clause is withdrawn.
        NotFound: there is no such clause in this organization.
    """
    if paths:
        key = require_in_use, *paths.items()
        await work.check_once(key, partial(_require_in_use, work, paths))


async def _require_in_use(work: Work, paths: Mapping[UUID, str]) -> None:
    rows: Any = sa.select(Clause.id, Clause.withdrawn_at).where(Clause.id.in_(paths))
    clauses = {row.id: row for row in await work.tuples(rows.where(*READ.visible(work.caller)))}
    for id, path in paths.items():
        if id not in clauses:
            raise NotFound("No Clause with this id is visible to you.", path)
        if reason := why_unusable(clauses[id]):
            raise Invalid(reason, path)


async def expired_clauses(
    work: Work, clause_ids: Collection[UUID], detected_on: date
) -> Mapping[UUID, str]:
    """Return the clauses that a finding of a day does not cite any more, each with the refusal.

    Their edition is superseded, and was valid until an earlier day: the transition deadline of the
    edition that supersedes it, the latest one of several. Where no such edition has one, the
    deadline of the edition itself counts, if it supersedes none.
    """
    if not clause_ids:
        return {}
    valid_until = _valid_until()
    rows: Any = sa.select(Clause.id, Clause.number, Standard.code, valid_until)
    rows = rows.join(Standard, Standard.id == Clause.standard_id)
    rows = rows.where(Clause.id.in_(clause_ids), valid_until < detected_on)
    return {
        id: f"Clause {number} is of {code}, which is superseded and was valid until "
        f"{deadline.isoformat()}; the finding was detected on {detected_on.isoformat()}. After the "
        "transition deadline, findings cite the edition in force; choose a clause of it."
        for id, number, code, deadline in await work.tuples(rows)
    }


@cache  # an alias takes as long to make as its statement to run
def _valid_until() -> sa.ColumnElement[Any]:
    """Return the last day on which a superseded standard is valid; null where none is known."""
    newer = aliased(Standard)
    deadline: Any = sa.select(sa.func.max(newer.transition_deadline)).where(
        newer.organization_id == Standard.organization_id,
        newer.supersedes_id == Standard.id,
        newer.status != StandardStatus.WITHDRAWN,
    )
    its_deadline = sa.case((Standard.supersedes_id.is_(None), Standard.transition_deadline))
    last_day = sa.func.coalesce(deadline.correlate(Standard).scalar_subquery(), its_deadline)
    return sa.case((Standard.status == StandardStatus.SUPERSEDED, last_day))


def clauses_in_use_unfiltered() -> Any:
    """Return a table `id` of the clauses that are not withdrawn."""
    return sa.select(Clause.id).where(Clause.withdrawn_at.is_(None)).subquery("clauses_in_use")


def clauses_unfiltered() -> Any:
    """Return a table `id`, `parent_id`, `standard_id` of the clauses."""
    return table_of(Clause, "parent_id", "standard_id")


def requirements_unfiltered() -> Any:
    """Return a table of the requirements that are not withdrawn.

    The columns: `id`, `standard_id`, `is_organization_wide`, which counts once, not once a site,
    and `is_excludable`. They sort by the further columns `standard_key` and `sort_key`, and then
    `id`.
    """
    standards = table_of(Standard, sort_by="code")
    is_wide = (Clause.level == ClauseLevel.ORGANIZATION).label("is_organization_wide")
    is_excludable = (Clause.exclusion == ClauseExclusion.JUSTIFIED).label("is_excludable")
    keys: Any = (standards.c.sort_key.label("standard_key"), Clause.sort_key)
    rows: Any = sa.select(Clause.id, Clause.standard_id, is_wide, is_excludable, *keys)
    rows = rows.join(standards, standards.c.id == Clause.standard_id)
    rows = rows.where(Clause.is_requirement, Clause.withdrawn_at.is_(None))
    return rows.subquery("requirements")


def assessments_unfiltered() -> Any:
    """Return a table `clause_id`, `site_id`, `is_applicable` of the assessments of clauses."""
    rows: Any = sa.select(
        ClauseAssessment.clause_id, ClauseAssessment.site_id, ClauseAssessment.is_applicable
    )
    return rows.subquery("assessments")


def standards_unfiltered() -> Any:
    """Return a table `id`, `code` of the standards."""
    return table_of(Standard, "code")


def citations_unfiltered() -> Any:
    """Return a table of clauses.

    Columns: `id`, `code` of the standard, `number`, `title`, `sort_key`, and `citation`, such as
    ISO9001:2015 8.5.1.
    """
    blank: Any = sa.literal_column("' '", sa.Text)
    citation = Standard.code.concat(blank).concat(Clause.number).label("citation")
    rows: Any = sa.select(
        Clause.id, Standard.code, Clause.number, Clause.title, Clause.sort_key, citation
    ).join(Standard, Standard.id == Clause.standard_id)
    return rows.subquery("citations")


def _cited(column: str) -> sa.ColumnElement[str]:
    """Return a text of the clause of an assessment, a column of `citations_unfiltered`."""
    cited = citations_unfiltered()
    texts: Any = sa.select(cited.c[column]).where(cited.c.id == ClauseAssessment.clause_id)
    text: sa.ColumnElement[str] = texts.correlate(ClauseAssessment).scalar_subquery()
    return text


TRANSITION_DEADLINE = "transition_deadline"  # verb of the event of an edition whose validity ends
calendar_dates = CalendarDates(
    [
        due_date(
            ClauseAssessment,
            due,
            "target_on",
            (ClauseAssessment.owner_id,),
            reference=_cited("citation"),
            title=_cited("title"),
        ),
        CalendarDate(
            model=Standard,
            name="transition-deadline",
            first=Standard.transition_deadline,
            applies=Standard.status != StandardStatus.WITHDRAWN,
            concerns=lambda _: sa.false(),
            is_in_calendar=False,
            events={TRANSITION_DEADLINE: -90},
        ),
    ]
)

"""Statements about standards, clauses and assessments for other modules."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid, NotFound
from qgp.kit.facts import table_of
from qgp.kit.text_keys import sorted_by
from qgp.kit.work import Work
from qgp.standards.model import Clause, ClauseAssessment, Standard
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


def clauses_in_use_unfiltered() -> Any:
    """Return a table `id` of the clauses that are not withdrawn."""
    return sa.select(Clause.id).where(Clause.withdrawn_at.is_(None)).subquery("clauses_in_use")


def clauses_unfiltered() -> Any:
    """Return a table `id`, `parent_id`, `standard_id` of the clauses."""
    return table_of(Clause, "parent_id", "standard_id")


def requirements_unfiltered() -> Any:
    """Return a table `id`, `standard_id` of the requirements that are not withdrawn.

    They sort by the further columns `standard_key` and `sort_key`, and then `id`.
    """
    keys = (sorted_by(Standard.code).label("standard_key"), sorted_by(Clause.sort_key))
    rows: Any = sa.select(Clause.id, Clause.standard_id, keys[0], keys[1].label("sort_key"))
    rows = rows.join(Standard, Standard.id == Clause.standard_id)
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
    """Return a table `id`, `code` of the standard, `number`, `title`, `sort_key` of the clauses."""
    rows: Any = sa.select(
        Clause.id, Standard.code, Clause.number, Clause.title, Clause.sort_key
    ).join(Standard, Standard.id == Clause.standard_id)
    return rows.subquery("citations")

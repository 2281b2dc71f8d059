"""Commands on assessments of clauses (ISO 9001:2015, 4.3; ISO/IEC 27001:2022, 6.1.3 d)."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.errors import Conflict, Invalid, NotFound, Required, StaleVersion
from qgp.kit.work import Work
from qgp.standards.commands.clauses import in_use
from qgp.standards.model import Clause, ClauseAssessment
from qgp.standards.model.terms import ClauseExclusion, Conformity, Implementation

FACTS = (
    *("is_applicable", "justification", "justification_basis"),
    *("implementation", "conformity", "maturity", "target_on", "owner_id"),
)
_PLANNED = frozenset(("target_on", "owner_id"))  # planning, which does not review the assessment
_UNKNOWN: Mapping[str, Any] = dict.fromkeys(FACTS) | {
    "is_applicable": True,
    "justification_basis": (),
    "implementation": Implementation.NOT_STARTED,
    "conformity": Conformity.NOT_ASSESSED,
}


async def assess(work: Work, *, clause_id: UUID, **values: Any) -> ClauseAssessment:
    """Assess a clause for the first time, for a site or the whole organization.

    Raises:
        Invalid: the clause is withdrawn or no requirement, or the assessment breaks a rule of
            `broken_rule`.
        AlreadyExists: it is assessed there.
    """
    return await _add(work, await in_use(work, clause_id, "clauseId"), values)


async def reassess(
    work: Work, *, id: UUID, expected_version: int, **changes: Any
) -> ClauseAssessment:
    """Reassess a clause, which reviews a carried assessment; the audit trail keeps the former one.

    Changes of owner and target date alone are planning, and review nothing.

    Raises:
        Invalid: the clause is withdrawn or no requirement any more, or the assessment would break
            a rule of `broken_rule`.
    """
    clause = await in_use(work, await work.owner_of(ClauseAssessment.clause_id, id), "id")
    assessment = await work.get(ClauseAssessment, id, expected_version=expected_version)
    return await _change(work, clause, assessment, changes, "id")


async def record(
    work: Work,
    *,
    clause_id: UUID,
    site_id: UUID | None,
    expected_version: int | None,
    **values: Any,
) -> ClauseAssessment:
    """Assess a clause, or reassess it where it is assessed already.

    Raises:
        Invalid: see `assess`.
        NotFound: a version is expected, and there is no assessment.
        Conflict: there is an assessment, and no version is expected.
        StaleVersion: it has another version than the caller expected.
    """
    clause = await in_use(work, clause_id, "clauseId")
    place = ClauseAssessment.site_id.is_not_distinct_from(site_id)
    assessed = sa.select(ClauseAssessment.id).where(ClauseAssessment.clause_id == clause_id, place)
    id = next(iter(await work.rows(assessed)), None)
    if id is None:
        if expected_version is not None:
            message = (
                f"Clause {clause.number} has no assessment of this site, or of the organization "
                "where `siteId` is left out. `expectedVersion` is of one that exists; leave it out."
            )
            raise NotFound(message, "expectedVersion")
        return await _add(work, clause, {**_UNKNOWN, **values, "site_id": site_id})
    assessment = await work.get(ClauseAssessment, id)
    if expected_version is None:
        message = (
            f"Clause {clause.number} is assessed already, in version {assessment.version}. A "
            "reassessment names the version that it changes; send expectedVersion."
        )
        raise Conflict(message, "expectedVersion", current=id)
    if expected_version != assessment.version:
        raise StaleVersion(expected=expected_version, current=assessment.version, record_id=id)
    return await _change(work, clause, assessment, values, "clauseId")


def broken_rule(clause: Clause, facts: Mapping[str, Any]) -> Invalid | None:
    """Return the refusal of an assessment that the clause does not allow; None where it does."""
    justification = facts["justification"]
    if not facts["is_applicable"] and clause.exclusion is ClauseExclusion.NEVER:
        return Invalid(
            f"Clause {clause.number} is excluded, and its `exclusion` is NEVER. Conformity is "
            "claimed without excluding such clauses (ISO 9001:2015, 4.3; ISO 14001:2015, 1; ISO "
            "45001:2018, 1; ISO/IEC 27001:2022, 1). Send isApplicable true, and record a gap as "
            "`conformity`.",
            "isApplicable",
        )
    if clause.control_theme is not None and justification is None:
        return Required(
            f"justification is missing. Control {clause.number} requires one for inclusion as for "
            "exclusion (ISO/IEC 27001:2022, 6.1.3 d); send it.",
            "justification",
        )
    is_begun = facts["implementation"] is not Implementation.NOT_STARTED
    if facts["conformity"] is Conformity.CONFORM and not is_begun:
        return Invalid(
            f"Clause {clause.number} would be CONFORM with an implementation that is NOT_STARTED. "
            "A requirement conforms once it is fulfilled (ISO 9000:2015, 3.6.11). Send its "
            "implementation, or another conformity.",
            "conformity",
        )
    return None


async def _add(work: Work, clause: Clause, values: Mapping[str, Any]) -> ClauseAssessment:
    facts = {**values, "justification_basis": list(values["justification_basis"])}
    _require_valid(clause, facts, "clauseId")
    return await work.add(ClauseAssessment(clause_id=clause.id, assessed_at=clock.now(), **facts))


async def _change(
    work: Work, clause: Clause, assessment: ClauseAssessment, changes: dict[str, Any], path: str
) -> ClauseAssessment:
    if "justification_basis" in changes:
        changes["justification_basis"] = list(changes["justification_basis"] or [])
    present = {name: getattr(assessment, name) for name in FACTS}
    _require_valid(clause, present | changes, path)
    if not changes or changes.keys() - _PLANNED:
        changes |= {"assessed_at": clock.now(), "is_review_required": False}
    return await work.change(assessment, changes)


def _require_valid(clause: Clause, facts: Mapping[str, Any], path: str) -> None:
    if not clause.is_requirement:
        message = (
            f"Clause {clause.number} is no requirement. Only requirements and controls are "
            "assessed; choose a clause below it."
        )
        raise Invalid(message, path)
    if (refusal := broken_rule(clause, facts)) is not None:
        raise refusal

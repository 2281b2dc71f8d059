"""Commands on standards, mappings and assessments."""

from typing import Any
from uuid import UUID

from qgp.kit import clock
from qgp.kit.errors import Invalid, NotFound
from qgp.kit.work import Work
from qgp.standards.commands import catalogue
from qgp.standards.commands.catalogue_import import place, relate
from qgp.standards.commands.clauses import in_use, refuse_withdrawn
from qgp.standards.model import ClauseAssessment, ClauseMapping, Standard
from qgp.standards.model.terms import MappingBasis, MappingStatus, StandardOrigin, StandardStatus


async def adopt(work: Work, *, family_code: str, edition: str) -> Standard:
    """Copy a shipped edition, its clauses, and its mappings to what the library holds.

    Raises:
        NotFound: the catalogue has no such edition.
        AlreadyExists: the library holds it already.
    """
    source = catalogue.edition(family_code, edition)
    if source is None:
        message = (
            "The catalogue has no such edition. Send familyCode and edition of an entry of "
            "`standardCatalogue`."
        )
        raise NotFound(message, "edition")
    standard, _ = await place(work, source, StandardOrigin.CATALOGUE)
    await relate(work, standard)
    return standard


async def create(work: Work, **values: Any) -> Standard:
    """Create a standard of origin OWN, a DRAFT without clauses."""
    return await work.add(
        Standard(origin=StandardOrigin.OWN, status=StandardStatus.DRAFT, **values)
    )


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Standard:
    """Change a standard of the library.

    Raises:
        Invalid: it is withdrawn, or would supersede itself.
    """
    if changes.get("supersedes_id") == id:
        raise Invalid(
            "supersedesId is the standard itself. A standard supersedes another edition; choose "
            "one.",
            "supersedesId",
        )
    standard = await work.get(Standard, id, expected_version=expected_version)
    refuse_withdrawn(standard, "id")
    return await work.change(standard, changes)


async def propose_mapping(
    work: Work, *, from_clause_id: UUID, to_clause_id: UUID, **values: Any
) -> ClauseMapping:
    """Propose a clause mapping between two standards.

    Raises:
        Invalid: both clauses are of one standard, or one is withdrawn.
        AlreadyExists: they are mapped on this basis.
    """
    start = await in_use(work, from_clause_id, "fromClauseId")
    end = await in_use(work, to_clause_id, "toClauseId")
    if start.standard_id == end.standard_id:
        message = (
            "Both clauses are of one standard. A mapping relates clauses of two standards; choose "
            "a clause of another one."
        )
        raise Invalid(message, "toClauseId")
    return await work.add(
        ClauseMapping(
            from_standard_id=start.standard_id,
            from_clause_id=from_clause_id,
            to_standard_id=end.standard_id,
            to_clause_id=to_clause_id,
            basis=MappingBasis.ORG_JUDGEMENT,
            status=MappingStatus.PROPOSED,
            **values,
        )
    )


async def assess(work: Work, *, clause_id: UUID, **values: Any) -> ClauseAssessment:
    """Assess a clause for the first time, for a site or the whole organization.

    Raises:
        Invalid: the clause is withdrawn or no requirement, or is not applicable without a
            justification.
        AlreadyExists: it is assessed there.
    """
    clause = await in_use(work, clause_id, "clauseId")
    if not clause.is_requirement:
        message = (
            f"Clause {clause.number} is no requirement. Only requirements and controls are "
            "assessed; choose a clause below it."
        )
        raise Invalid(message, "clauseId")
    values["justification_basis"] = list(values["justification_basis"])
    return await work.add(ClauseAssessment(clause_id=clause_id, assessed_at=clock.now(), **values))


async def reassess(
    work: Work, *, id: UUID, expected_version: int, **changes: Any
) -> ClauseAssessment:
    """Reassess a clause; the audit trail keeps the former assessment.

    Raises:
        Invalid: its clause is withdrawn, or is not applicable without a justification.
    """
    assessment = await work.get(ClauseAssessment, id, expected_version=expected_version)
    await in_use(work, assessment.clause_id, "id")
    if "justification_basis" in changes:
        changes["justification_basis"] = list(changes["justification_basis"] or [])
    return await work.change(assessment, changes | {"assessed_at": clock.now()})

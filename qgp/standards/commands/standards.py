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
        message = "The catalogue has no such edition. Ask `standardCatalogue` what it has."
        raise NotFound(message, "edition")
    standard, _ = await place(work, source, StandardOrigin.CATALOGUE)
    await relate(work, standard)
    return standard


async def create(work: Work, **values: Any) -> Standard:
    """Add a standard of the organization's own, as a draft without clauses."""
    return await work.add(
        Standard(origin=StandardOrigin.OWN, status=StandardStatus.DRAFT, **values)
    )


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Standard:
    """Change what the library says of a standard.

    Raises:
        Invalid: it is withdrawn, or would supersede itself.
    """
    if changes.get("supersedes_id") == id:
        raise Invalid("A standard cannot supersede itself. Choose another.", "supersedesId")
    standard = await work.get(Standard, id, expected_version=expected_version)
    refuse_withdrawn(standard, "id")
    return await work.change(standard, changes)


async def propose_mapping(
    work: Work, *, from_clause_id: UUID, to_clause_id: UUID, **values: Any
) -> ClauseMapping:
    """Suggest how a clause answers one of another standard.

    Raises:
        Invalid: both clauses are of one standard, or one is withdrawn.
        AlreadyExists: they are mapped on this basis.
    """
    start = await in_use(work, from_clause_id, "fromClauseId")
    end = await in_use(work, to_clause_id, "toClauseId")
    if start.standard_id == end.standard_id:
        message = "A mapping joins clauses of two standards; these are of one."
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
    """Say for the first time, for a site or the whole organization, how a clause stands.

    Raises:
        Invalid: the clause is withdrawn, only groups others, or does not apply without a
            justification.
        AlreadyExists: it is assessed there.
    """
    clause = await in_use(work, clause_id, "clauseId")
    if not clause.is_requirement:
        message = "This clause only groups others. Assess the ones below it."
        raise Invalid(message, "clauseId")
    values["justification_basis"] = list(values["justification_basis"])
    return await work.add(ClauseAssessment(clause_id=clause_id, assessed_at=clock.now(), **values))


async def reassess(
    work: Work, *, id: UUID, expected_version: int, **changes: Any
) -> ClauseAssessment:
    """Say how a clause stands now; the trail keeps how it stood.

    Raises:
        Invalid: its clause is withdrawn, or does not apply without a justification.
    """
    assessment = await work.get(ClauseAssessment, id, expected_version=expected_version)
    await in_use(work, assessment.clause_id, "id")
    if "justification_basis" in changes:
        changes["justification_basis"] = list(changes["justification_basis"] or [])
    return await work.change(assessment, changes | {"assessed_at": clock.now()})

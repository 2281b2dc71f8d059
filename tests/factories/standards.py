"""Standards, their clauses, and what is said of them."""

from itertools import count
from typing import Any
from uuid import UUID

from qgp.kit import clock
from qgp.standards.model import (
    Clause,
    ClauseAssessment,
    ClauseMapping,
    Standard,
    StandardImport,
)
from qgp.standards.model.terms import (
    ClauseExclusion,
    ClauseLevel,
    Conformity,
    Implementation,
    ImportStatus,
    MappingBasis,
    MappingRelation,
    MappingStatus,
    StandardKind,
    StandardOrigin,
    StandardStatus,
)

_number = count()


def standard(status: StandardStatus = StandardStatus.ACTIVE, **facts: Any) -> Standard:
    """Make the first edition of a standard of the organization's own, of a family of its own."""
    columns = {
        "family_code": f"OWN{next(_number)}",
        "edition": "1",
        "title": "Rules",
        "kind": StandardKind.SCHEME,
        "origin": StandardOrigin.OWN,
        **facts,
    }
    row = Standard(status=StandardStatus.DRAFT, **columns)
    row.enter(status)
    return row


def clause(standard_id: UUID, **facts: Any) -> Clause:
    """Make the first clause of a standard, a requirement."""
    columns = {
        "number": "1",
        "sort_key": "01",
        "title": "Rule",
        "depth": 0,
        "is_requirement": True,
        "level": ClauseLevel.SITE,
        "exclusion": ClauseExclusion.JUSTIFIED,
        "control_types": [],
        "security_properties": [],
        **facts,
    }
    return Clause(standard_id=standard_id, **columns)


def clause_below(parent: Clause, number: str = "1", **facts: Any) -> Clause:
    """Make a clause of a number below another."""
    columns = {
        "number": f"{parent.number}.{number}",
        "sort_key": f"{parent.sort_key}.{number.zfill(2)}",
        "depth": parent.depth + 1,
        "parent_id": parent.id,
        **facts,
    }
    return clause(parent.standard_id, **columns)


def clause_assessment(clause_id: UUID, **facts: Any) -> ClauseAssessment:
    """Make an assessment of a clause that applies, for no site in particular."""
    columns = {
        "is_applicable": True,
        "justification_basis": [],
        "implementation": Implementation.PLANNED,
        "conformity": Conformity.NOT_ASSESSED,
        "assessed_at": clock.now(),
        **facts,
    }
    return ClauseAssessment(clause_id=clause_id, **columns)


def clause_mapping(
    source: Clause, target: Clause, status: MappingStatus = MappingStatus.PROPOSED, **facts: Any
) -> ClauseMapping:
    """Map a clause to an equal one by the organization's judgement, in a state."""
    columns = {
        "relation": MappingRelation.EQUAL,
        "strength": 100,
        "basis": MappingBasis.ORG_JUDGEMENT,
        "from_standard_id": source.standard_id,
        "from_clause_id": source.id,
        "to_standard_id": target.standard_id,
        "to_clause_id": target.id,
        **facts,
    }
    row = ClauseMapping(status=MappingStatus.PROPOSED, **columns)
    row.enter(status)
    return row


def standard_import(status: ImportStatus = ImportStatus.RUNNING, **facts: Any) -> StandardImport:
    """Make an import of a standard in a status."""
    has_ended, has_failed = status is not ImportStatus.RUNNING, status is ImportStatus.FAILED
    columns = {
        "filename": "rules.json",
        "ended_at": clock.now() if has_ended else None,
        "error": "The file is broken." if has_failed else None,
        **facts,
    }
    return StandardImport(status=status, **columns)

"""Mutations of standards, clauses, clause mappings and assessments."""

from typing import Any

import strawberry

from qgp.kit.gql import (
    bulk,
    command,
    create,
    entry_input,
    input_field,
    input_type,
    key_field,
    mutations_of,
    update,
)
from qgp.standards import policy, workflow
from qgp.standards.commands import assessments, clauses, imports, refresh, standards
from qgp.standards.loaders import (
    assessment_by_id,
    clause_by_id,
    mapping_by_id,
    standard_by_id,
    standard_import_by_id,
)
from qgp.standards.model.terms import ChangeKind
from qgp.standards.types import Clause, ClauseMapping, Standard
from qgp.standards.types.clause_assessment import ClauseAssessment


@input_type
class StandardAdoptInput:
    """Parameters for `standardAdopt`."""

    family_code: str = input_field("`familyCode` in `standardCatalogue`, e.g. ISO9001.")
    edition: str = input_field("`edition` in `standardCatalogue`, e.g. 2015.")
    idempotency_key: str | None = key_field()


@input_type
class StandardImportInput:
    """Parameters for `standardImport`."""

    attachment_id: strawberry.ID = input_field(
        "OSCAL catalog in JSON, uploaded to a record that is visible to you (`fileUploadCreate`), "
        "up to 20 MB.",
        id_of="att",
    )
    supersedes_id: strawberry.ID | None = input_field(
        "Standard that it supersedes; recognized by title, uuid or document id if left out.",
        id_of="std",
        default=None,
    )
    idempotency_key: str | None = key_field()


class ClauseMappingFields:
    """Fields of a new record beside those of its type."""

    from_clause_id: strawberry.ID | None = input_field(
        "Source clause; left out for `changeKind` NEW alone.", id_of="cls", default=None
    )
    to_clause_id: strawberry.ID | None = input_field(
        "Target clause, of another standard; left out for `changeKind` REMOVED alone.",
        id_of="cls",
        default=None,
    )
    change_kind: ChangeKind | None = input_field(
        "Change of a requirement from one edition to the one that `supersedes` it; null for "
        "standards that are no such editions.",
        default=None,
    )


class _ExpectedVersion:
    expected_version: int | None = input_field(
        "The `version` of the assessment that you read, where there is one; a stale version is "
        "refused.",
        default=None,
    )


_AssessmentItem: Any = entry_input(
    ClauseAssessment, "ClausesAssessItemInput", "Assessment of a clause.", _ExpectedVersion
)


@input_type
class ClausesAssessInput:
    """Parameters for `clausesAssess`."""

    items: list[_AssessmentItem] = input_field("Assessments of clauses; at most 100.")
    idempotency_key: str | None = key_field()


_MappingItem: Any = entry_input(
    ClauseMapping, "ClauseMappingsProposeItemInput", "Clause mapping.", ClauseMappingFields
)


@input_type
class ClauseMappingsProposeInput:
    """Parameters for `clauseMappingsPropose`."""

    items: list[_MappingItem] = input_field("Clause mappings; at most 100.")
    idempotency_key: str | None = key_field()


standard_adopt = command(
    standards.adopt,
    input=StandardAdoptInput,
    permission=policy.MANAGE,
    result=standard_by_id,
    description="Adopts an edition from the shipped catalogue: copies it with its clauses and "
    "clause mappings into your library.",
    creates=True,
)
standard_refresh = command(
    refresh.refresh,
    permission=policy.MANAGE,
    result=standard_by_id,
    description="Refreshes a standard of origin CATALOGUE, and the other adopted editions of its "
    "family, from the shipped catalogue: adds clauses that they lack, and their clause mappings. "
    "Titles and summaries stay. Where a requirement was divided, its assessments stay on it, and "
    "are carried over to its parts with `isReviewRequired`.",
)
standard_import = command(
    imports.start,
    input=StandardImportInput,
    permission=policy.MANAGE,
    result=standard_import_by_id,
    description="Imports an OSCAL catalog into your library, in the background: adds or updates "
    "the standard, and maps its clauses to those of the edition that it supersedes. The "
    "`standardImport` shows the progress until it is COMPLETED or FAILED. Requires that no other "
    "import is RUNNING.",
    creates=True,
)
standard_create = create(
    Standard,
    policy.MANAGE,
    standards.create,
    description="Creates a standard of origin OWN, which is a DRAFT.",
)
standard_update = update(
    Standard,
    policy.MANAGE,
    standards.update,
    description="Changes a standard of your library. Requires one that is not WITHDRAWN.",
)
standard_transitions = mutations_of(workflow.STANDARD)
clause_create = create(
    Clause,
    policy.MANAGE,
    clauses.create_clause,
    description="Adds a clause to a standard of origin OWN.",
)
clause_update = update(
    Clause,
    policy.MANAGE,
    clauses.update_clause,
    description="Changes a clause. Number and parent are changed only in standards of origin OWN; "
    "`isRequirement`, `level`, `exclusion` and `controlTheme` not in those of origin CATALOGUE.",
)
clause_withdraw = command(
    clauses.withdraw_clause,
    permission=policy.MANAGE,
    result=clause_by_id,
    description="Withdraws a clause of a standard of origin OWN or IMPORTED, which is final; its "
    "assessments are kept.",
)
clause_mapping_propose = create(
    ClauseMapping,
    policy.MANAGE,
    standards.propose_mapping,
    description="Proposes a clause mapping between two standards, with basis ORG_JUDGEMENT. With "
    "`changeKind` its basis is EDITION_CHANGE: it counts in `transitionGap`, and once the older "
    "edition is SUPERSEDED the assessments of an UNCHANGED or RENUMBERED clause are carried over.",
    more=ClauseMappingFields,
)
clause_mappings_propose = bulk(
    command(
        standards.propose_mapping,
        input=_MappingItem,
        permission=policy.MANAGE,
        result=mapping_by_id,
        description="Proposes a clause mapping.",
    ),
    input=ClauseMappingsProposeInput,
    rows="items",
    description="Proposes up to 100 clause mappings, as `clauseMappingPropose` does; each succeeds "
    "or fails on its own.",
)
clause_mapping_transitions = mutations_of(workflow.MAPPING)
clause_assess = create(
    ClauseAssessment,
    policy.ASSESS,
    assessments.assess,
    description="Assesses a clause for the first time, for a site or the whole organization.",
)
clause_assessment_update = update(
    ClauseAssessment,
    policy.ASSESS,
    assessments.reassess,
    description="Reassesses a clause; the audit trail keeps the previous assessment. Sent without "
    "changes it confirms the assessment as it is. `isReviewRequired` ends, unless only owner or "
    "target date are changed.",
)
clauses_assess = bulk(
    command(
        assessments.record,
        input=_AssessmentItem,
        permission=policy.ASSESS,
        result=assessment_by_id,
        description="Assesses a clause, or reassesses it.",
    ),
    input=ClausesAssessInput,
    rows="items",
    description="Assesses up to 100 clauses, and reassesses those that are assessed there already; "
    "each succeeds or fails on its own.",
)

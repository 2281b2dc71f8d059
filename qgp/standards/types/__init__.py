"""GraphQL types of standards, clauses and clause mappings."""

from datetime import date, datetime

from qgp.kit.gql import (
    CODE,
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    SORT,
    URL,
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    has_many,
    listing,
    record,
    transitions,
    viewer_can,
)
from qgp.standards import model, policy, workflow
from qgp.standards.loaders import (
    ancestors_by_clause,
    clause_assessments,
    clause_by_id,
    clauses,
    mappings_by_clause,
    overall_assessment_by_clause,
    standard_by_id,
)
from qgp.standards.model.terms import (
    AnnexSlTheme,
    ChangeKind,
    ClauseExclusion,
    ClauseLevel,
    ControlTheme,
    ControlType,
    MappingBasis,
    MappingRelation,
    MappingStatus,
    SecurityProperty,
    StandardKind,
    StandardOrigin,
    StandardStatus,
)
from qgp.standards.refs import ClauseAssessmentRef, ClauseMappingRef, ClauseRef, StandardRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

NUMBER = (r"[A-Za-z0-9][A-Za-z0-9.()/-]*", "a clause number, for example 8.5.1 or A.5.7")
_SHIPPED = "Not changed in standards of origin CATALOGUE."


@record(model.Standard)
class Standard(Authored, Recorded, Node):
    """An edition of a standard in your library."""

    code: str = column("Family and edition, e.g. ISO9001:2015.", LISTED)
    family_code: str = column(
        "Code shared by all editions of the standard, e.g. ISO9001.",
        CREATE | FILTER,
        max_length=64,
        pattern=CODE,
    )
    edition: str = column("Edition, usually a year.", CREATE, max_length=40, pattern=CODE)
    title: str = column("Short title.", EDITABLE | LISTED)
    kind: StandardKind = column("Kind of document.", CREATE | FILTER)
    origin: StandardOrigin = column("Origin of the library entry.", FILTER)
    status: StandardStatus = column("Status.", LISTED)
    publisher: str | None = column("Publisher.", EDITABLE)
    published_on: date | None = column("Date of publication.", EDITABLE | SORT)
    withdrawn_on: date | None = column(
        "Date of withdrawal from your library; null while it is not WITHDRAWN."
    )
    transition_deadline: date | None = column(
        "Last day on which the edition that it supersedes is valid, or its own last day if it "
        "supersedes none in your library; null if unknown. Findings detected later do not cite "
        "that edition once it is SUPERSEDED.",
        EDITABLE | FILTER,
    )
    source_url: URL | None = column("Address of its text.", EDITABLE)
    licence_note: str | None = column("Licence terms of its text.", EDITABLE, max_length=2000)
    supersedes: StandardRef | None = belongs_to(
        standard_by_id, "Edition that it supersedes, if in your library.", EDITABLE
    )
    clauses: Connection[ClauseRef] = listing(
        clauses,
        "Clauses in natural order: 8.10 after 8.9.",
        order=("sort_key",),
        parent=model.Clause.standard_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.STANDARD)
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the standard")


@record(
    model.Clause,
    named=("standard.code", "number"),
)
class Clause(Authored, Recorded, Node):
    """A chapter, clause, group or control of a standard."""

    number: str = column(
        "Number as printed, e.g. 8.5.1 or A.5.7.",
        EDITABLE | LISTED,
        note="Unique in the standard; changed only in standards of origin OWN.",
        max_length=64,
        pattern=NUMBER,
        sort_by="sort_key",
    )
    title: str = column("Short title.", EDITABLE | LISTED)
    summary: str | None = column(
        "Summary of the requirement in other words than the standard's.",
        EDITABLE | FILTER,
        max_length=PROSE,
    )
    text: str | None = column(
        "Wording of the standard, only if its licence allows copying.",
        EDITABLE | FILTER,
        note="Send it only if the licence allows copying.",
        max_length=PROSE,
    )
    depth: int = column("Depth in the standard: 0 for a chapter, one more for each level below.")
    is_requirement: bool = column(
        "Whether the clause is a requirement or control that can be assessed; other clauses "
        "only group.",
        EDITABLE | FILTER,
        default=True,
        note=_SHIPPED,
    )
    level: ClauseLevel = column(
        "Level at which the clause is fulfilled and counted.",
        EDITABLE | FILTER,
        default=ClauseLevel.SITE,
        note=_SHIPPED,
    )
    exclusion: ClauseExclusion = column(
        "Whether the clause may be excluded as not applicable.",
        EDITABLE | FILTER,
        default=ClauseExclusion.JUSTIFIED,
        note=_SHIPPED,
    )
    theme: AnnexSlTheme | None = column(
        "Theme of the harmonized structure (Annex SL); null outside management system standards.",
        EDITABLE | FILTER,
    )
    control_theme: ControlTheme | None = column(
        "Control theme (ISO/IEC 27002:2022, 4.1); null if the clause is no control.",
        EDITABLE | FILTER,
        note=_SHIPPED,
    )
    control_types: list[ControlType] = column(
        "Control types (ISO/IEC 27002:2022, 4.2); empty if the clause is no control.",
        EDITABLE,
        most=len(ControlType),
    )
    security_properties: list[SecurityProperty] = column(
        "Information security properties (ISO/IEC 27002:2022, 4.2); empty if the clause is no "
        "control.",
        EDITABLE,
        most=len(SecurityProperty),
    )
    withdrawn_at: datetime | None = column("Time of withdrawal; null while in use.", FILTER)
    standard: StandardRef | None = belongs_to(
        standard_by_id, "The standard.", CREATE | FILTER, note="Must be of origin OWN."
    )
    parent: ClauseRef | None = belongs_to(
        clause_by_id,
        "Parent clause; null for a chapter.",
        EDITABLE | FILTER,
        note="Changed only in standards of origin OWN; the clauses below move along.",
    )
    ancestors: list[ClauseRef] = has_many(
        ancestors_by_clause, "Ancestors, the chapter first.", FILTER
    )
    children: Connection[ClauseRef] = listing(
        clauses,
        "Direct sub-clauses in natural order.",
        order=("sort_key",),
        parent=model.Clause.parent_id,
    )
    mappings: list[ClauseMappingRef] = has_many(
        mappings_by_clause,
        "The 50 strongest clause mappings; `clauseMappings(filter: {or: [{fromClauseId: …}, "
        "{toClauseId: …}]})` lists all of them.",
        FILTER,
    )
    assessment: ClauseAssessmentRef | None = belongs_to(
        overall_assessment_by_clause,
        "Assessment for the whole organization; null if not assessed.",
        key="id",
    )
    assessments: Connection[ClauseAssessmentRef] = listing(
        clause_assessments,
        "Assessments for the whole organization and for sites.",
        parent=model.ClauseAssessment.clause_id,
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the clause")
    viewer_can_assess: bool = viewer_can(policy.ASSESS, "assess the clause")


@record(model.ClauseMapping)
class ClauseMapping(Authored, Recorded, Node):
    """A clause mapping: the relation of a clause of one standard to a clause of another."""

    relation: MappingRelation = column("Relation of the requirements of the two clauses.", CREATE)
    strength: int = column(
        "Strength, 0 to 100: degree to which fulfilling one clause demonstrates fulfilling "
        "the other.",
        CREATE | LISTED,
    )
    basis: MappingBasis = column("Basis of the mapping.", FILTER)
    change_kind: ChangeKind | None = column(
        "Change of the clause between two editions; null for other mappings.", FILTER
    )
    note: str | None = column(
        "Shared subject, or description of the change.", CREATE, max_length=PROSE
    )
    status: MappingStatus = column("Status of the decision of your organization.", LISTED)
    from_standard: StandardRef | None = belongs_to(standard_by_id, "Source standard.", FILTER)
    from_clause: ClauseRef | None = belongs_to(clause_by_id, "Source clause; null if NEW.", FILTER)
    to_standard: StandardRef | None = belongs_to(standard_by_id, "Target standard.", FILTER)
    to_clause: ClauseRef | None = belongs_to(
        clause_by_id, "Target clause; null if REMOVED.", FILTER
    )
    decided_by: UserRef | None = belongs_to(
        user_by_id, "User who confirmed or rejected it; null while PROPOSED."
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.MAPPING)
    viewer_can_update: bool = viewer_can(policy.MANAGE, "decide on the mapping")

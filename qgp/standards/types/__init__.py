"""The library as clients see it."""

from datetime import date, datetime

from qgp.kit.gql import (
    CODE,
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    LONGEST_URL,
    PROSE,
    SORT,
    URL,
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    days_until_due,
    has_many,
    is_overdue,
    listing,
    record,
    transitions,
    viewer_can,
)
from qgp.organizations.loaders import site_by_id
from qgp.organizations.refs import SiteRef
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
    Conformity,
    ControlTheme,
    ControlType,
    Implementation,
    JustificationBasis,
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


@record(model.Standard)
class Standard(Authored, Recorded, Node):
    """One edition of a standard in your library."""

    code: str = column("Family and edition in one, e.g. ISO9001:2015.", LISTED)
    family_code: str = column(
        "What its editions have in common, e.g. ISO9001.",
        CREATE | FILTER,
        max_length=64,
        pattern=CODE,
    )
    edition: str = column("The edition, usually a year.", CREATE, max_length=40, pattern=CODE)
    title: str = column("Our short title.", EDITABLE | LISTED)
    kind: StandardKind = column("What sort of document it is.", CREATE | FILTER)
    origin: StandardOrigin = column("Where it comes from.", FILTER)
    status: StandardStatus = column("Where it stands in its life.", LISTED)
    publisher: str | None = column("Who publishes it.", EDITABLE)
    published_on: date | None = column("When it was published.", EDITABLE | SORT)
    withdrawn_on: date | None = column("When your organization took it out of use.")
    transition_deadline: date | None = column(
        "Last day of the edition that it replaces.", EDITABLE | FILTER
    )
    source_url: URL | None = column(
        "Where its text is to be had.", EDITABLE, max_length=LONGEST_URL
    )
    licence_note: str | None = column("What may be copied from it.", EDITABLE, max_length=2000)
    supersedes: StandardRef | None = belongs_to(
        standard_by_id, "The edition that it replaces, if in your library.", EDITABLE
    )
    clauses: Connection[ClauseRef] = listing(
        clauses,
        "Its clauses in natural order: 8.10 after 8.9.",
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
        "As printed, e.g. 8.5.1 or A.5.7.",
        EDITABLE | LISTED,
        note="Unique in the standard; changed only in standards of your own.",
        max_length=64,
        pattern=NUMBER,
        sort_by="sort_key",
    )
    title: str = column("Our short title.", EDITABLE | LISTED)
    summary: str | None = column(
        "What to look for, in our own words.", EDITABLE | FILTER, max_length=PROSE
    )
    text: str | None = column(
        "The wording, only where the source may be copied.",
        EDITABLE | FILTER,
        note="Only if you may copy it.",
        max_length=PROSE,
    )
    depth: int = column("0 for a chapter, one more for each level below.")
    is_requirement: bool = column(
        "Whether it can be assessed; others only group.", EDITABLE | FILTER, default=True
    )
    theme: AnnexSlTheme | None = column(
        "Its subject; null outside management standards.", EDITABLE | FILTER
    )
    control_theme: ControlTheme | None = column(
        "How the control acts; null if it is none.", EDITABLE | FILTER
    )
    control_types: list[ControlType] = column(
        "When the control acts; empty if it is none.", EDITABLE, most=len(ControlType)
    )
    security_properties: list[SecurityProperty] = column(
        "What of information it protects; empty if it is no control.",
        EDITABLE,
        most=len(SecurityProperty),
    )
    withdrawn_at: datetime | None = column("When it was taken out of use.", FILTER)
    standard: StandardRef | None = belongs_to(
        standard_by_id, "Its standard.", CREATE | FILTER, note="A standard of your own."
    )
    parent: ClauseRef | None = belongs_to(
        clause_by_id,
        "The clause above.",
        EDITABLE | FILTER,
        note="Changed only in standards of your own; what lies below moves along.",
    )
    ancestors: list[ClauseRef] = has_many(
        ancestors_by_clause, "The clauses above, the chapter first.", FILTER
    )
    children: Connection[ClauseRef] = listing(
        clauses,
        "The clauses right below, in natural order.",
        order=("sort_key",),
        parent=model.Clause.parent_id,
    )
    mappings: list[ClauseMappingRef] = has_many(
        mappings_by_clause,
        "What it answers in other standards, the strongest; for all of them ask "
        "`clauseMappings(filter: {or: [{fromClauseId: …}, {toClauseId: …}]})`",
        FILTER,
    )
    assessment: ClauseAssessmentRef | None = belongs_to(
        overall_assessment_by_clause, "How it stands in the organization as a whole.", key="id"
    )
    assessments: Connection[ClauseAssessmentRef] = listing(
        clause_assessments,
        "How it stands, as a whole and site by site.",
        parent=model.ClauseAssessment.clause_id,
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the clause")
    viewer_can_assess: bool = viewer_can(policy.ASSESS, "assess the clause")


@record(model.ClauseMapping)
class ClauseMapping(Authored, Recorded, Node):
    """How a clause of one standard answers a clause of another."""

    relation: MappingRelation = column("How their demands relate.", CREATE)
    strength: int = column(
        "0 to 100: how far meeting one shows meeting the other.", CREATE | LISTED
    )
    basis: MappingBasis = column("What the mapping rests on.", FILTER)
    change_kind: ChangeKind | None = column(
        "What became of the clause, between editions only.", FILTER
    )
    note: str | None = column("The shared subject, or what changed.", CREATE, max_length=PROSE)
    status: MappingStatus = column("What your organization thinks of it.", LISTED)
    from_standard: StandardRef | None = belongs_to(
        standard_by_id, "The standard it starts in.", FILTER
    )
    from_clause: ClauseRef | None = belongs_to(
        clause_by_id, "Where it starts; null for what is NEW.", FILTER
    )
    to_standard: StandardRef | None = belongs_to(standard_by_id, "The standard it ends in.", FILTER)
    to_clause: ClauseRef | None = belongs_to(
        clause_by_id, "Where it ends; null for what was REMOVED.", FILTER
    )
    decided_by: UserRef | None = belongs_to(user_by_id, "Who confirmed or rejected it.")
    available_transitions: list[AvailableTransition] = transitions(workflow.MAPPING)
    viewer_can_update: bool = viewer_can(policy.MANAGE, "decide on the mapping")


@record(model.ClauseAssessment)
class ClauseAssessment(Authored, Recorded, Node):
    """What your organization says of a clause."""

    is_applicable: bool = column(
        "Whether the clause applies.", EDITABLE | FILTER, default=True, note="If not, say why."
    )
    justification: str | None = column(
        "Why it does, or does not, apply.", EDITABLE, max_length=PROSE
    )
    justification_basis: list[JustificationBasis] = column(
        "What the justification rests on.", EDITABLE, most=len(JustificationBasis)
    )
    implementation: Implementation = column(
        "How far it is put into practice.", EDITABLE | FILTER, default=Implementation.NOT_STARTED
    )
    conformity: Conformity = column(
        "Whether practice meets it.", EDITABLE | FILTER, default=Conformity.NOT_ASSESSED
    )
    maturity: int | None = column("0 (nothing) to 5 (optimising).", EDITABLE | LISTED)
    target_on: date | None = column("When it is to be in practice.", EDITABLE | LISTED)
    is_overdue: bool = is_overdue(policy.READ, model.due, "`targetOn`, until it is IMPLEMENTED")
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    assessed_at: datetime = column("When it was last assessed.", SORT)
    clause: ClauseRef | None = belongs_to(
        clause_by_id, "The clause.", CREATE | FILTER, note="One that can be assessed."
    )
    site: SiteRef | None = belongs_to(
        site_by_id, "The site it holds for; null for the whole organization.", CREATE | FILTER
    )
    owner: UserRef | None = belongs_to(user_by_id, "Who answers for it.", EDITABLE | FILTER)
    viewer_can_update: bool = viewer_can(policy.ASSESS, "assess the clause")

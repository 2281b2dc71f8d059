"""How the registers of the library are filtered and ordered."""

from qgp.kit.gql import (
    BooleanFilter,
    DateFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    where,
)
from qgp.standards import model
from qgp.standards.enums import (
    AnnexSlTheme,
    ChangeKind,
    Conformity,
    ControlTheme,
    Implementation,
    MappingBasis,
    MappingStatus,
    StandardKind,
    StandardOrigin,
    StandardStatus,
)
from qgp.standards.policy import READ


@filters(model.Standard)
class StandardFilter:
    """Conditions on a standard."""

    id: IDFilter | None = where("The standard.")
    code: StringFilter | None = where("Family and edition, e.g. ISO9001:2015.")
    family_code: StringFilter | None = where("Its family, e.g. ISO9001.")
    title: StringFilter | None = where("Its title.")
    kind: EnumFilter[StandardKind] | None = where("What sort of document it is.")
    origin: EnumFilter[StandardOrigin] | None = where("Where it comes from.")
    status: EnumFilter[StandardStatus] | None = where("Where it stands in its life.")
    transition_deadline: DateFilter | None = where("Last day of the edition it replaces.")


@filters(model.Clause)
class ClauseFilter:
    """Conditions on a clause."""

    id: IDFilter | None = where("The clause.")
    standard_id: IDFilter | None = where("The standard it belongs to.")
    standard: StandardFilter | None = related("standard_id", READ, "The standard it belongs to.")
    parent_id: IDFilter | None = where("The clause above it.")
    number: StringFilter | None = where("Its number; `startsWith` finds a chapter.")
    title: StringFilter | None = where("Its title.")
    summary: StringFilter | None = where("Its guidance.")
    text: StringFilter | None = where("Its wording, where the source may be copied.")
    theme: EnumFilter[AnnexSlTheme] | None = where("Its subject.")
    control_theme: EnumFilter[ControlTheme] | None = where("How the control takes effect.")
    is_requirement: BooleanFilter | None = where("Whether it can be assessed.")
    withdrawn_at: DateTimeFilter | None = where(
        "When it was taken out of use; `isNull: true` leaves those in use."
    )


@filters(model.ClauseMapping)
class ClauseMappingFilter:
    """Conditions on a mapping."""

    from_standard_id: IDFilter | None = where("The standard it starts in.")
    to_standard_id: IDFilter | None = where("The standard it ends in.")
    from_clause_id: IDFilter | None = where("The clause it starts at.")
    to_clause_id: IDFilter | None = where("The clause it ends at.")
    basis: EnumFilter[MappingBasis] | None = where("What it rests on.")
    status: EnumFilter[MappingStatus] | None = where("What the organization thinks of it.")
    change_kind: EnumFilter[ChangeKind] | None = where("What became of the clause.")
    strength: IntFilter | None = where("0 to 100.")


@filters(model.ClauseAssessment)
class ClauseAssessmentFilter:
    """Conditions on an assessment."""

    clause_id: IDFilter | None = where("The clause.")
    clause: ClauseFilter | None = related("clause_id", READ, "The clause.")
    site_id: IDFilter | None = where("The site; null for the whole organization.")
    owner_id: IDFilter | None = where("Who answers for it.")
    is_applicable: BooleanFilter | None = where("Whether the clause applies.")
    implementation: EnumFilter[Implementation] | None = where("How far it is in practice.")
    conformity: EnumFilter[Conformity] | None = where("Whether it is met.")
    maturity: IntFilter | None = where("0 to 5.")
    target_on: DateFilter | None = where("When it is to be in practice.")


StandardOrder = ordering(
    "Standard", code="code", title="title", status="status", published_on="published_on"
)
ClauseOrder = ordering("Clause", number="sort_key", title="title")
ClauseMappingOrder = ordering("ClauseMapping", strength="strength", status="status")
ClauseAssessmentOrder = ordering(
    "ClauseAssessment", target_on="target_on", maturity="maturity", assessed_at="assessed_at"
)

"""GraphQL type of the assessments of clauses."""

from datetime import date, datetime

from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    SORT,
    Node,
    Recorded,
    belongs_to,
    column,
    days_until_due,
    is_overdue,
    record,
    viewer_can,
)
from qgp.organizations.loaders import site_by_id
from qgp.organizations.refs import SiteRef
from qgp.standards import model, policy
from qgp.standards.loaders import assessment_by_id, clause_by_id
from qgp.standards.model.terms import Conformity, Implementation, JustificationBasis
from qgp.standards.refs import ClauseAssessmentRef, ClauseRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.ClauseAssessment)
class ClauseAssessment(Authored, Recorded, Node):
    """The assessment of a clause by your organization.

    The assessments of all controls form the Statement of Applicability (ISO/IEC 27001:2022,
    6.1.3 d).
    """

    is_applicable: bool = column(
        "Whether the clause is applicable.",
        EDITABLE | FILTER,
        default=True,
        note="`justification` is required if not; a clause of `exclusion` NEVER must be.",
    )
    justification: str | None = column(
        "Justification for inclusion or exclusion (ISO 9001:2015, 4.3; ISO/IEC 27001:2022, "
        "6.1.3 d).",
        EDITABLE,
        note="Required of a clause that is not applicable, and of each control with a "
        "`controlTheme`.",
        max_length=PROSE,
    )
    justification_basis: list[JustificationBasis] = column(
        "Grounds of the justification.", EDITABLE, most=len(JustificationBasis)
    )
    implementation: Implementation = column(
        "Degree of implementation.", EDITABLE | FILTER, default=Implementation.NOT_STARTED
    )
    conformity: Conformity = column(
        "Conformity of practice with the clause.",
        EDITABLE | FILTER,
        default=Conformity.NOT_ASSESSED,
        note="Not CONFORM where `implementation` is NOT_STARTED.",
    )
    maturity: int | None = column(
        "Maturity level, 0 (nonexistent) to 5 (optimizing); null if not rated.", EDITABLE | LISTED
    )
    target_on: date | None = column("Target date of implementation.", EDITABLE | LISTED)
    is_overdue: bool = is_overdue(policy.READ, model.due, "`targetOn`, until it is IMPLEMENTED")
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    assessed_at: datetime = column("Time of the last assessment.", SORT)
    is_review_required: bool = column(
        "Whether it was carried over from a clause of the former edition, or from one that was "
        "divided, and is still to be reviewed; `clauseAssessmentUpdate` reviews it.",
        FILTER,
    )
    carried_from: ClauseAssessmentRef | None = belongs_to(
        assessment_by_id,
        "Assessment that it was carried over from; null for an assessment of your own.",
        FILTER,
    )
    clause: ClauseRef | None = belongs_to(
        clause_by_id,
        "The clause.",
        CREATE | FILTER,
        note="A requirement or control (`isRequirement`).",
    )
    site: SiteRef | None = belongs_to(
        site_by_id, "Assessed site; null for the whole organization.", CREATE | FILTER
    )
    owner: UserRef | None = belongs_to(
        user_by_id, "Person responsible for the implementation.", EDITABLE | FILTER
    )
    viewer_can_update: bool = viewer_can(policy.ASSESS, "assess the clause")

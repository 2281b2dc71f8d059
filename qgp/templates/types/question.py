"""GraphQL types of questions, their options and clauses."""

from decimal import Decimal

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
    has_many,
    nested_object,
    record,
    viewer_can,
)
from qgp.kit.loader import linked_by
from qgp.kit.shared_terms import FindingGrade
from qgp.standards.loaders import clause_by_id
from qgp.standards.refs import ClauseRef
from qgp.templates import model, policy
from qgp.templates.loaders import (
    options_of_question,
    question_by_id,
    section_by_id,
    template_version_by_id,
)
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
)
from qgp.templates.refs import (
    QuestionOptionRef,
    QuestionRef,
    SectionRef,
    TemplateVersionRef,
    VisibilityRef,
)
from qgp.users.types import Authored


@record(model.QuestionOption, named=("label",))
class QuestionOption(Authored, Recorded, Node):
    """An option of a SINGLE or MULTI question."""

    key: str = column("Key that responses store; unique in the question.", LISTED)
    label: str = column("Label shown to people.", FILTER)
    score: Decimal | None = column("Score of the option; null counts as 0.", FILTER)
    is_fail: bool = column("Whether choosing it fails the question.", FILTER)
    position: int = column("Position in the question, from 0.", SORT)
    question: QuestionRef | None = belongs_to(question_by_id, "The question.", LISTED)


@record(model.QuestionClause, named=("clause.standard.code", "clause.number"))
class QuestionClause(Authored, Recorded, Node):
    """A clause whose requirement a question verifies."""

    question: QuestionRef | None = belongs_to(question_by_id, "The question.", LISTED)
    clause: ClauseRef | None = belongs_to(clause_by_id, "The clause.", LISTED)


@record(model.Question)
class Question(Authored, Recorded, Node):
    """A question of a section."""

    text: str = column("Text of the question.", EDITABLE | LISTED, max_length=1000)
    help: str | None = column("Explanation of the question.", EDITABLE, max_length=PROSE)
    position: int = column("Sort position in the section, ascending, with gaps.", SORT)
    type: QuestionType = column("Type of the response.", EDITABLE | LISTED)
    is_required: bool = column(
        "Whether a response is required while the question is visible.",
        EDITABLE | FILTER,
        default=True,
    )
    is_na_allowed: bool = column(
        "Whether the response may be not applicable (`isNa`), if the version allows it too.",
        EDITABLE,
        default=True,
    )
    weight: Decimal = column(
        "Weight in the section, 0 to 999999.999.", EDITABLE | SORT, default=Decimal(1)
    )
    max_score: Decimal | None = column(
        "Score of the best response, more than 0; null if not scored.",
        EDITABLE | FILTER,
    )
    minimum: Decimal | None = column(
        "Lowest number that passes, or the lower end of a RATING; null for no limit.",
        EDITABLE,
        note="Only for NUMBER, TEMPERATURE, CALCULATED and RATING.",
    )
    maximum: Decimal | None = column(
        "Highest number that passes, or the upper end of a RATING; null for no limit.",
        EDITABLE,
        note="Only for NUMBER, TEMPERATURE, CALCULATED and RATING.",
    )
    unit: str | None = column(
        "Unit of the number, e.g. mm or °C.",
        EDITABLE,
        note="Only for NUMBER, TEMPERATURE, CALCULATED and RATING.",
        max_length=40,
    )
    criticality: QuestionCriticality = column(
        "Criticality; one failing response to a CRITICAL question fails the audit.",
        EDITABLE | FILTER,
        default=QuestionCriticality.MINOR,
    )
    is_finding_created_on_fail: bool = column(
        "Whether a failing response requires a finding, which `auditFindingsDraft` drafts. "
        "`auditCompleteFieldwork` requires one with source AUDIT or CERT_AUDIT and grade "
        "`failGrade` or heavier.",
        EDITABLE,
        default=False,
    )
    fail_grade: FindingGrade | None = column(
        "Lowest grade of that finding, and its grade when drafted.",
        EDITABLE | FILTER,
        note="Required with `isFindingCreatedOnFail`.",
    )
    is_action_required_on_fail: bool = column(
        "Whether a failing response requires an action for its finding.", EDITABLE, default=False
    )
    guidance: str | None = column("Guidance for the auditor.", EDITABLE, max_length=PROSE)
    sampling_hint: str | None = column(
        "Sampling guidance: population and sample size.", EDITABLE, max_length=PROSE
    )
    options: list[QuestionOptionRef] = has_many(
        options_of_question, "Options, for SINGLE and MULTI."
    )
    clauses: list[ClauseRef] = has_many(
        linked_by(
            model.QuestionClause.clause_id,
            clause_by_id,
            by=model.QuestionClause.question_id,
            read=policy.READ,
            order=("id",),
        ),
        "Clauses whose requirements the question verifies.",
        FILTER,
    )
    visible_if: VisibilityRef | None = nested_object(
        "visible_if_question_id", "Visibility condition; null for always visible."
    )
    section: SectionRef | None = belongs_to(section_by_id, "The section.", CREATE | LISTED)
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id, "The template version.", FILTER
    )
    viewer_can_update: bool = viewer_can(
        policy.WRITE, "change the question while the version is DRAFT"
    )

"""The questions of a checklist, with their options and clauses."""

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
    facet,
    has_many,
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


@record(model.QuestionOption)
class QuestionOption(Authored, Recorded, Node):
    """An answer to choose."""

    key: str = column("What an answer stores; unique in the question.", LISTED)
    label: str = column("What people read.", FILTER)
    score: Decimal | None = column("What it scores; null counts as 0.", FILTER)
    is_fail: bool = column("Whether choosing it fails the question.", FILTER)
    position: int = column("Its place in the question, from 0.", SORT)
    question: QuestionRef | None = belongs_to(question_by_id, "The question.", LISTED)


@record(model.QuestionClause)
class QuestionClause(Authored, Recorded, Node):
    """A clause whose requirement a question asks after."""

    question: QuestionRef | None = belongs_to(question_by_id, "The question.", LISTED)
    clause: ClauseRef | None = belongs_to(clause_by_id, "The clause.", LISTED)


@record(model.Question)
class Question(Authored, Recorded, Node):
    """One thing that a checklist asks."""

    text: str = column("What is asked.", EDITABLE | LISTED, max_length=1000)
    help: str | None = column("What the question means.", EDITABLE, max_length=PROSE)
    position: int = column("Its place in the section, the least first; numbers have gaps.", SORT)
    type: QuestionType = column("What kind of answer it takes.", EDITABLE | LISTED)
    is_required: bool = column(
        "Whether it has to be answered where it is visible.", EDITABLE | FILTER, default=True
    )
    is_na_allowed: bool = column(
        "Whether it may not apply, if the version allows that.", EDITABLE, default=True
    )
    weight: Decimal = column(
        "How much it counts in the section; 0 or more.", EDITABLE | SORT, default=Decimal(1)
    )
    max_score: Decimal | None = column(
        "Of the best answer; null where nothing is scored.",
        EDITABLE | FILTER,
    )
    minimum: Decimal | None = column(
        "The least number that passes, or the lower end of a RATING.",
        EDITABLE,
        note="Only for NUMBER, TEMPERATURE, CALCULATED and RATING.",
    )
    maximum: Decimal | None = column(
        "The largest that passes, or the upper end of a RATING.",
        EDITABLE,
        note="Only for NUMBER, TEMPERATURE, CALCULATED and RATING.",
    )
    unit: str | None = column(
        "The unit of a number, e.g. mm or °C.",
        EDITABLE,
        note="Only for NUMBER, TEMPERATURE, CALCULATED and RATING.",
        max_length=40,
    )
    criticality: QuestionCriticality = column(
        "How much a failing answer weighs.", EDITABLE | FILTER, default=QuestionCriticality.MINOR
    )
    is_finding_created_on_fail: bool = column(
        "Whether a failing answer needs a finding: `auditFindingsDraft` drafts it, and the "
        "fieldwork is not done without one whose source is AUDIT or CERT_AUDIT and grade "
        "`failGrade` or heavier.",
        EDITABLE,
        default=False,
    )
    fail_grade: FindingGrade | None = column(
        "How that finding is graded when it is drafted, and at least has to be.",
        EDITABLE | FILTER,
        note="Needed where `isFindingCreatedOnFail`.",
    )
    is_action_required_on_fail: bool = column(
        "Whether a failing answer needs an action.", EDITABLE, default=False
    )
    guidance: str | None = column("How the auditor should find out.", EDITABLE, max_length=PROSE)
    sampling_hint: str | None = column("What to look at, and how many.", EDITABLE, max_length=PROSE)
    options: list[QuestionOptionRef] = has_many(
        options_of_question, "What to choose from, for SINGLE and MULTI."
    )
    clauses: list[ClauseRef] = has_many(
        linked_by(
            model.QuestionClause.clause_id,
            clause_by_id,
            by=model.QuestionClause.question_id,
            read=policy.READ,
            order=("id",),
        ),
        "The clauses whose requirements it asks after.",
        FILTER,
    )
    visible_if: VisibilityRef | None = facet(
        "visible_if_question_id", "When it is asked at all; null for always."
    )
    section: SectionRef | None = belongs_to(section_by_id, "The section.", CREATE | LISTED)
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id, "The version that it is a part of.", FILTER
    )
    viewer_can_update: bool = viewer_can(
        policy.WRITE, "change the question while the version is a DRAFT"
    )

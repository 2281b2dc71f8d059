"""Checklists as clients see them."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    SORT,
    UPDATE,
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    facet,
    has_many,
    listing,
    record,
    transitions,
    viewer_can,
)
from qgp.kit.loader import MOST_ROWS, linked_by
from qgp.kit.shared_terms import FindingGrade
from qgp.standards.loaders import clause_by_id
from qgp.standards.refs import ClauseRef
from qgp.templates import model, policy, workflow
from qgp.templates.loaders import (
    options_of_question,
    published_version_of_template,
    question_by_id,
    questions,
    section_by_id,
    sections,
    template_by_id,
    template_version_by_id,
    template_versions,
    unpublished_version_of_template,
)
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    TemplateCategory,
    TemplateVersionStatus,
    VisibilityOperator,
)
from qgp.templates.refs import (
    AuditTemplateRef,
    QuestionOptionRef,
    QuestionRef,
    SectionRef,
    TemplateVersionRef,
    VisibilityRef,
)
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.AuditTemplate)
class AuditTemplate(Authored, Recorded, Node):
    """A checklist that audits are carried out by, in versions."""

    reference: str = column("TPL-, the year and a number; it never changes.", LISTED)
    name: str = column("Its name.", EDITABLE | LISTED)
    description: str | None = column(
        "What it is for, and where it is used.", EDITABLE, max_length=PROSE
    )
    category: TemplateCategory = column("What it is used for.", EDITABLE | LISTED)
    archived_at: datetime | None = column(
        "Since when it is out of use; null while it is used.", LISTED
    )
    current_version: TemplateVersionRef | None = belongs_to(
        published_version_of_template,
        "id",
        "The PUBLISHED version, which new audits use.",
    )
    draft: TemplateVersionRef | None = belongs_to(
        unpublished_version_of_template,
        "id",
        "The version that is being written or waits for approval; there is at most one.",
    )
    versions: Connection[TemplateVersionRef] = listing(
        template_versions,
        "All its versions, by number.",
        FILTER,
        order=("number",),
        parent=model.TemplateVersion.template_id,
    )
    viewer_can_update: bool = viewer_can(policy.WRITE, "change the template and write versions")


@record(model.TemplateVersion)
class TemplateVersion(Authored, Recorded, Node):
    """One version of a template; what is PUBLISHED never changes."""

    number: int = column("Counts from 1 in the template.", LISTED)
    status: TemplateVersionStatus = column(
        "Where it stands; parts are changed in DRAFT alone.", LISTED
    )
    scoring: ScoringMethod = column("How the results of its audits are told.", UPDATE | FILTER)
    pass_mark: Decimal | None = column(
        "Percentage from which an audit passes, 0 to 100.",
        UPDATE | FILTER,
        note="Needed unless scoring is NONE.",
    )
    conditional_mark: Decimal | None = column(
        "Percentage, below the pass mark, from which it passes conditionally; null for never.",
        UPDATE,
    )
    is_na_allowed: bool = column(
        "Whether questions can be answered as not applicable, if they allow it themselves.", UPDATE
    )
    is_comment_required_on_fail: bool = column("Whether a failing answer needs a comment.", UPDATE)
    is_photo_required_on_fail: bool = column(
        "Whether a failing answer needs a photo: an image that is attached to it.", UPDATE
    )
    change_note: str | None = column(
        "What differs from the version before.", UPDATE, max_length=PROSE
    )
    published_on: date | None = column("The day it was published.", LISTED)
    retired_on: date | None = column("The day it was retired.", FILTER)
    template: AuditTemplateRef | None = belongs_to(
        template_by_id, "template_id", "The template.", FILTER
    )
    submitted_by: UserRef | None = belongs_to(
        user_by_id, "submitted_by_id", "Who last asked for approval.", FILTER
    )
    approved_by: UserRef | None = belongs_to(
        user_by_id, "approved_by_id", "Who approved it; never who asked for it.", FILTER
    )
    sections: Connection[SectionRef] = listing(
        sections,
        "Its sections, in their order; at most 100.",
        order=("position",),
        parent=model.Section.template_version_id,
    )
    questions: Connection[QuestionRef] = listing(
        questions,
        "The questions of all its sections, at most 500; ask a section for them in their order.",
        order=("section_id", "position"),
        parent=model.Question.template_version_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.VERSION)
    viewer_can_update: bool = viewer_can(policy.WRITE, "change the version while it is a DRAFT")


@strawberry.type(
    description="The one condition under which something is asked: how an earlier question is "
    "answered. Where that one is hidden itself, it counts as not answered."
)
class Visibility:
    """The condition under which something is asked."""

    visible_if_operator: VisibilityOperator = column("How the answer is compared.", name="operator")
    visible_if_values: list[str] = column(
        "What it is compared with: keys of options; YES, NO, PASS, FAIL, C, OBS, MIN, MAJ; a "
        "number such as 12.5; an id. One for EQ, NE, GT and LT, none for ANSWERED.",
        name="values",
        most=MOST_ROWS,
    )
    visible_if_question: QuestionRef | None = belongs_to(
        question_by_id, "visible_if_question_id", "The earlier question.", name="question"
    )


@record(model.Section)
class Section(Authored, Recorded, Node):
    """A part of a checklist."""

    title: str = column("Its title.", EDITABLE | LISTED)
    guidance: str | None = column(
        "What whoever goes through it should know.", EDITABLE, max_length=PROSE
    )
    position: int = column("Its place in the version, the least first; numbers have gaps.", SORT)
    weight: Decimal = column(
        "How much it counts among the sections; more than 0.", EDITABLE | SORT, default=Decimal(1)
    )
    is_repeatable: bool = column(
        "Whether it can be gone through several times, e.g. per machine.",
        EDITABLE | FILTER,
        default=False,
    )
    max_repeats: int | None = column(
        "How often at the most, where it is repeatable; 2 to 100.",
        EDITABLE,
        note="Needed where it is repeatable.",
    )
    visible_if: VisibilityRef | None = facet(
        "visible_if_question_id", "When it is asked at all; null for always."
    )
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id,
        "template_version_id",
        "The version that it is a part of.",
        CREATE | FILTER,
    )
    questions: Connection[QuestionRef] = listing(
        questions,
        "Its questions, in their order.",
        order=("position",),
        parent=model.Question.section_id,
    )
    viewer_can_update: bool = viewer_can(
        policy.WRITE, "change the section while the version is a DRAFT"
    )


@record(model.QuestionOption)
class QuestionOption(Authored, Recorded, Node):
    """An answer to choose."""

    key: str = column("What an answer stores; unique in the question.", LISTED)
    label: str = column("What people read.", FILTER)
    score: Decimal | None = column("What it scores; null counts as 0.", FILTER)
    is_fail: bool = column("Whether choosing it fails the question.", FILTER)
    position: int = column("Its place in the question, from 0.", SORT)
    question: QuestionRef | None = belongs_to(
        question_by_id, "question_id", "The question.", LISTED
    )


@record(model.QuestionClause)
class QuestionClause(Authored, Recorded, Node):
    """A clause whose requirement a question asks after."""

    question: QuestionRef | None = belongs_to(
        question_by_id, "question_id", "The question.", LISTED
    )
    clause: ClauseRef | None = belongs_to(clause_by_id, "clause_id", "The clause.", LISTED)


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
    section: SectionRef | None = belongs_to(
        section_by_id, "section_id", "The section.", CREATE | LISTED
    )
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id, "template_version_id", "The version that it is a part of.", FILTER
    )
    viewer_can_update: bool = viewer_can(
        policy.WRITE, "change the question while the version is a DRAFT"
    )

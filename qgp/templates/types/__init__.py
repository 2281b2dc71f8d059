"""GraphQL types of audit templates, their versions and sections."""

from datetime import date, datetime
from decimal import Decimal

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
    listing,
    nested_object,
    object_type,
    record,
    transitions,
    viewer_can,
)
from qgp.kit.loader import MOST_ROWS
from qgp.templates import model, policy, workflow
from qgp.templates.loaders import (
    published_version_of_template,
    question_by_id,
    questions,
    sections,
    template_by_id,
    template_version_by_id,
    template_versions,
    unpublished_version_of_template,
)
from qgp.templates.model.terms import (
    ScoringMethod,
    TemplateCategory,
    TemplateVersionStatus,
    VisibilityOperator,
)
from qgp.templates.refs import (
    AuditTemplateRef,
    QuestionRef,
    SectionRef,
    TemplateVersionRef,
    VisibilityRef,
)
from qgp.templates.types.question import Question, QuestionClause, QuestionOption
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

__all__ = [
    "AuditTemplate",
    "Question",
    "QuestionClause",
    "QuestionOption",
    "Section",
    "TemplateVersion",
    "Visibility",
]


@record(model.AuditTemplate)
class AuditTemplate(Authored, Recorded, Node):
    """An audit template, whose versions provide the checklists of audits."""

    reference: str = column("Reference number, e.g. TPL-2026-0001.", LISTED)
    name: str = column("Name.", EDITABLE | LISTED)
    description: str | None = column("Purpose and area of use.", EDITABLE, max_length=PROSE)
    category: TemplateCategory = column("Category.", EDITABLE | LISTED)
    archived_at: datetime | None = column("Time of archiving; null while in use.", LISTED)
    current_version: TemplateVersionRef | None = belongs_to(
        published_version_of_template,
        "PUBLISHED version, which new audits use; null if none.",
        key="id",
    )
    draft: TemplateVersionRef | None = belongs_to(
        unpublished_version_of_template,
        "Version that is DRAFT or IN_APPROVAL; null if none.",
        key="id",
    )
    versions: Connection[TemplateVersionRef] = listing(
        template_versions,
        "Versions by number.",
        FILTER,
        order=("number",),
        parent=model.TemplateVersion.template_id,
    )
    viewer_can_update: bool = viewer_can(policy.WRITE, "change the template and its versions")


@record(model.TemplateVersion)
class TemplateVersion(Authored, Recorded, Node):
    """A version of an audit template; it cannot be changed once PUBLISHED."""

    number: int = column("Number of the version in the template, from 1.", LISTED)
    status: TemplateVersionStatus = column(
        "Status; sections and questions can be changed in DRAFT only.", LISTED
    )
    scoring: ScoringMethod = column("Scoring method of its audits.", UPDATE | FILTER)
    pass_mark: Decimal | None = column(
        "Pass mark in percent, 0 to 100: an audit at or above it passes.",
        UPDATE | FILTER,
        note="Required before `templateVersionSubmit` unless scoring is NONE.",
    )
    conditional_mark: Decimal | None = column(
        "Conditional mark in percent, below the pass mark: an audit at or above it passes "
        "conditionally; null for none.",
        UPDATE,
    )
    is_na_allowed: bool = column(
        "Whether responses may be not applicable (`isNa`), if the question allows it too.", UPDATE
    )
    is_comment_required_on_fail: bool = column(
        "Whether a failing response requires a comment.", UPDATE
    )
    is_photo_required_on_fail: bool = column(
        "Whether a failing response requires a photo: an image attached to it.", UPDATE
    )
    change_note: str | None = column(
        "Changes since the previous version.", UPDATE, max_length=PROSE
    )
    published_on: date | None = column("Date of publication; null before.", LISTED)
    retired_on: date | None = column("Date of retirement; null before.", FILTER)
    template: AuditTemplateRef | None = belongs_to(template_by_id, "The template.", CREATE | FILTER)
    submitted_by: UserRef | None = belongs_to(
        user_by_id, "User who last submitted it for approval; null before.", FILTER
    )
    approved_by: UserRef | None = belongs_to(
        user_by_id, "User who approved it, not the one who submitted it; null before.", FILTER
    )
    sections: Connection[SectionRef] = listing(
        sections,
        "Sections in order, at most 100.",
        order=("position",),
        parent=model.Section.template_version_id,
    )
    questions: Connection[QuestionRef] = listing(
        questions,
        "Questions of all sections, at most 500; `questions` of a section has them in order.",
        order=("section_id", "position"),
        parent=model.Question.template_version_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.VERSION)
    viewer_can_update: bool = viewer_can(policy.WRITE, "change the version while it is DRAFT")


@object_type
class Visibility:
    """Visibility condition of a section or question: a comparison with an earlier response.

    A hidden question counts as not answered.
    """

    visible_if_operator: VisibilityOperator = column(
        "Comparison with the response.", name="operator"
    )
    visible_if_values: list[str] = column(
        "Values to compare with: keys of options, values of `AnswerVerdict`, a number such as "
        "12.5, or an id. One for EQ, NE, GT and LT, 1 to 50 for IN, none for ANSWERED.",
        name="values",
        most=MOST_ROWS,
    )
    visible_if_question: QuestionRef | None = belongs_to(
        question_by_id, "The earlier question.", name="question"
    )


@record(model.Section)
class Section(Authored, Recorded, Node):
    """A section of a template version."""

    title: str = column("Title.", EDITABLE | LISTED)
    guidance: str | None = column("Guidance for the auditor.", EDITABLE, max_length=PROSE)
    position: int = column("Sort position in the version, ascending, with gaps.", SORT)
    weight: Decimal = column(
        "Weight in the score, more than 0, up to 999999.999.", EDITABLE | SORT, default=Decimal(1)
    )
    is_repeatable: bool = column(
        "Whether the section can be repeated, e.g. once for each machine.",
        EDITABLE | FILTER,
        default=False,
    )
    max_repeats: int | None = column(
        "Highest number of repetitions, 2 to 100; null if not repeatable.",
        EDITABLE,
        note="Required with `isRepeatable`.",
    )
    visible_if: VisibilityRef | None = nested_object(
        "visible_if_question_id", "Visibility condition; null for always visible."
    )
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id, "The template version.", CREATE | FILTER
    )
    questions: Connection[QuestionRef] = listing(
        questions,
        "Questions in order.",
        order=("position",),
        parent=model.Question.section_id,
    )
    viewer_can_update: bool = viewer_can(
        policy.WRITE, "change the section while the version is DRAFT"
    )

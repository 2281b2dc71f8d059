"""Checklists as clients see them."""

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
    facet,
    listing,
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
        published_version_of_template, "The PUBLISHED version, which new audits use.", key="id"
    )
    draft: TemplateVersionRef | None = belongs_to(
        unpublished_version_of_template,
        "The version that is being written or waits for approval; there is at most one.",
        key="id",
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
    template: AuditTemplateRef | None = belongs_to(template_by_id, "The template.", CREATE | FILTER)
    submitted_by: UserRef | None = belongs_to(user_by_id, "Who last asked for approval.", FILTER)
    approved_by: UserRef | None = belongs_to(
        user_by_id, "Who approved it; never who asked for it.", FILTER
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


@object_type
class Visibility:
    """The one condition under which something is asked: how an earlier question is answered.

    Where that one is hidden itself, it counts as not answered.
    """

    visible_if_operator: VisibilityOperator = column("How the answer is compared.", name="operator")
    visible_if_values: list[str] = column(
        "What it is compared with: keys of options; YES, NO, PASS, FAIL, C, OBS, MIN, MAJ; a "
        "number such as 12.5; an id. One for EQ, NE, GT and LT, none for ANSWERED.",
        name="values",
        most=MOST_ROWS,
    )
    visible_if_question: QuestionRef | None = belongs_to(
        question_by_id, "The earlier question.", name="question"
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
        template_version_by_id, "The version that it is a part of.", CREATE | FILTER
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

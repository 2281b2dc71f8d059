"""How templates and what belongs to them are filtered and ordered."""

from qgp.kit.gql import (
    BooleanFilter,
    DateFilter,
    DateTimeFilter,
    DecimalFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    some,
    where,
)
from qgp.standards.filters import ClauseFilter
from qgp.standards.policy import READ as READ_CLAUSES
from qgp.templates import model
from qgp.templates.enums import (
    FindingGrade,
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    TemplateCategory,
    TemplateVersionStatus,
)
from qgp.templates.policy import READ


@filters(model.TemplateVersion)
class TemplateVersionFilter:
    """Conditions on a version of a template."""

    id: IDFilter | None = where("The version.")
    number: IntFilter | None = where("Its number in the template, from 1.")
    status: EnumFilter[TemplateVersionStatus] | None = where("Where it stands.")
    scoring: EnumFilter[ScoringMethod] | None = where("How results are told.")
    pass_mark: DecimalFilter | None = where("The percentage from which an audit passes.")
    published_on: DateFilter | None = where("When it was published.")
    retired_on: DateFilter | None = where("When it was retired.")
    template_id: IDFilter | None = where("The template.")
    template: "AuditTemplateFilter | None" = related("template_id", READ, "The template.")
    submitted_by_id: IDFilter | None = where("Who asked for approval.")
    approved_by_id: IDFilter | None = where("Who approved it.")


@filters(model.AuditTemplate)
class AuditTemplateFilter:
    """Conditions on an audit template."""

    id: IDFilter | None = where("The template.")
    reference: StringFilter | None = where("Its reference, e.g. TPL-2026-0001.")
    name: StringFilter | None = where("Its name.")
    category: EnumFilter[TemplateCategory] | None = where("What it is used for.")
    archived_at: DateTimeFilter | None = where(
        "When it was put out of use; `isNull: true` finds what is used."
    )
    versions: TemplateVersionFilter | None = some(
        "template_id", READ, "At least one of its versions fits."
    )


@filters(model.Section)
class SectionFilter:
    """Conditions on a section of a checklist."""

    id: IDFilter | None = where("The section.")
    title: StringFilter | None = where("Its title.")
    is_repeatable: BooleanFilter | None = where("Whether it can be gone through repeatedly.")
    template_version_id: IDFilter | None = where("The version that it is a part of.")
    template_version: TemplateVersionFilter | None = related(
        "template_version_id", READ, "The version that it is a part of."
    )


@filters(model.QuestionClause)
class QuestionClauseFilter:
    """Conditions on a clause that a question asks after."""

    id: IDFilter | None = where("The link.")
    question_id: IDFilter | None = where("The question.")
    question: "QuestionFilter | None" = related("question_id", READ, "The question.")
    clause_id: IDFilter | None = where("The clause.")
    clause: ClauseFilter | None = related("clause_id", READ_CLAUSES, "The clause.")


@filters(model.Question)
class QuestionFilter:
    """Conditions on a question of a checklist."""

    id: IDFilter | None = where("The question.")
    text: StringFilter | None = where("What it asks.")
    type: EnumFilter[QuestionType] | None = where("What kind of answer it takes.")
    criticality: EnumFilter[QuestionCriticality] | None = where("How much a failure weighs.")
    fail_grade: EnumFilter[FindingGrade] | None = where("How a finding of it is graded.")
    is_required: BooleanFilter | None = where("Whether it has to be answered.")
    max_score: DecimalFilter | None = where("Of the best answer; `isNull: true` is not scored.")
    section_id: IDFilter | None = where("The section.")
    section: SectionFilter | None = related("section_id", READ, "The section.")
    template_version_id: IDFilter | None = where("The version that it is a part of.")
    template_version: TemplateVersionFilter | None = related(
        "template_version_id", READ, "The version that it is a part of."
    )
    clauses: QuestionClauseFilter | None = some(
        "question_id", READ, "At least one clause that it asks after fits."
    )


@filters(model.QuestionOption)
class QuestionOptionFilter:
    """Conditions on an option of a question."""

    id: IDFilter | None = where("The option.")
    key: StringFilter | None = where("What an answer stores.")
    label: StringFilter | None = where("What people read.")
    is_fail: BooleanFilter | None = where("Whether choosing it fails the question.")
    score: DecimalFilter | None = where("What it scores.")
    question_id: IDFilter | None = where("The question.")
    question: QuestionFilter | None = related("question_id", READ, "The question.")


AuditTemplateOrder = ordering(
    "AuditTemplate",
    reference="reference",
    name="name",
    category="category",
    archived_at="archived_at",
)
TemplateVersionOrder = ordering(
    "TemplateVersion", number="number", status="status", published_on="published_on"
)
SectionOrder = ordering("Section", position="position", title="title", weight="weight")
QuestionOptionOrder = ordering(
    "QuestionOption", question="question_id", position="position", key="key"
)
QuestionClauseOrder = ordering("QuestionClause", question="question_id", clause="clause_id")
QuestionOrder = ordering(
    "Question", section="section_id", position="position", text="text", type="type", weight="weight"
)

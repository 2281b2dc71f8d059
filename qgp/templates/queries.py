"""Reading templates and their parts."""

import strawberry

from qgp.kit.gql import Connection, find, listing
from qgp.templates import loaders
from qgp.templates.loaders import (
    question_by_id,
    question_clause_by_id,
    question_option_by_id,
    section_by_id,
    template_by_id,
    template_by_reference,
    template_version_by_id,
)
from qgp.templates.types import (
    AuditTemplate,
    Question,
    QuestionClause,
    QuestionOption,
    Section,
    TemplateVersion,
)


@strawberry.type
class Query:
    """Root reads."""

    audit_template: AuditTemplate | None = find(
        "One audit template.", id=template_by_id, reference=template_by_reference
    )
    audit_templates: Connection[AuditTemplate] | None = listing(
        loaders.audit_templates,
        "The audit templates, by name; `filter: {archivedAt: {isNull: true}}` for those in use.",
    )
    template_version: TemplateVersion | None = find(
        "One version of a template.", id=template_version_by_id
    )
    template_versions: Connection[TemplateVersion] | None = listing(
        loaders.template_versions,
        "The versions of all templates, oldest first; "
        "`filter: {status: {eq: IN_APPROVAL}}` finds what waits.",
    )
    section: Section | None = find("One section of a checklist.", id=section_by_id)
    sections: Connection[Section] | None = listing(
        loaders.sections, "The sections of all versions, oldest first."
    )
    question: Question | None = find("One question of a checklist.", id=question_by_id)
    questions: Connection[Question] | None = listing(
        loaders.questions,
        "The questions of all versions, oldest first; filter by `clauses` to find what asks after "
        "a requirement.",
    )
    question_option: QuestionOption | None = find(
        "One option of a question.", id=question_option_by_id
    )
    question_options: Connection[QuestionOption] | None = listing(
        loaders.question_options, "The options of all questions, question by question."
    )
    question_clause: QuestionClause | None = find(
        "One link of a question with a clause.", id=question_clause_by_id
    )
    question_clauses: Connection[QuestionClause] | None = listing(
        loaders.question_clauses, "What questions ask after, question by question."
    )

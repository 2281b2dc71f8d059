"""Reading templates and their parts."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.templates import loaders, types


@strawberry.type
class Query:
    """Root reads."""

    audit_template: types.AuditTemplate | None = lookup(
        "One audit template.", id=loaders.template_by_id, reference=loaders.template_by_reference
    )
    audit_templates: Connection[types.AuditTemplate] | None = listing(
        loaders.audit_templates,
        "The audit templates, by name; `filter: {archivedAt: {isNull: true}}` for those in use.",
    )
    template_version: types.TemplateVersion | None = lookup(
        "One version of a template.", id=loaders.template_version_by_id
    )
    template_versions: Connection[types.TemplateVersion] | None = listing(
        loaders.template_versions,
        "The versions of all templates, oldest first; "
        "`filter: {status: {eq: IN_APPROVAL}}` finds what waits.",
    )
    section: types.Section | None = lookup("One section of a checklist.", id=loaders.section_by_id)
    sections: Connection[types.Section] | None = listing(
        loaders.sections, "The sections of all versions, oldest first."
    )
    question: types.Question | None = lookup(
        "One question of a checklist.", id=loaders.question_by_id
    )
    questions: Connection[types.Question] | None = listing(
        loaders.questions,
        "The questions of all versions, oldest first; filter by `clauses` to find what asks after "
        "a requirement.",
    )
    question_option: types.QuestionOption | None = lookup(
        "One option of a question.", id=loaders.question_option_by_id
    )
    question_options: Connection[types.QuestionOption] | None = listing(
        loaders.question_options, "The options of all questions, question by question."
    )
    question_clause: types.QuestionClause | None = lookup(
        "One link of a question with a clause.", id=loaders.question_clause_by_id
    )
    question_clauses: Connection[types.QuestionClause] | None = listing(
        loaders.question_clauses, "What questions ask after, question by question."
    )

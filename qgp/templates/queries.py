"""Queries of audit templates, their versions, sections and questions."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.templates import loaders, types


@strawberry.type
class Query:
    """Root queries."""

    audit_template: types.AuditTemplate | None = lookup(
        "One audit template.", id=loaders.template_by_id, reference=loaders.template_by_reference
    )
    audit_templates: Connection[types.AuditTemplate] | None = listing(
        loaders.audit_templates,
        "Audit templates by name; `filter: {archivedAt: {isNull: true}}` selects those in use.",
    )
    template_version: types.TemplateVersion | None = lookup(
        "One version of an audit template.", id=loaders.template_version_by_id
    )
    template_versions: Connection[types.TemplateVersion] | None = listing(
        loaders.template_versions,
        "Versions of all audit templates, oldest first; `filter: {status: {eq: IN_APPROVAL}}` "
        "selects those to approve.",
    )
    section: types.Section | None = lookup(
        "One section of a template version.", id=loaders.section_by_id
    )
    sections: Connection[types.Section] | None = listing(
        loaders.sections, "Sections of all template versions, oldest first."
    )
    question: types.Question | None = lookup(
        "One question of a template version.", id=loaders.question_by_id
    )
    questions: Connection[types.Question] | None = listing(
        loaders.questions,
        "Questions of all template versions, oldest first; filter by `clauses` to select "
        "those that verify a requirement.",
    )
    question_option: types.QuestionOption | None = lookup(
        "One option of a question.", id=loaders.question_option_by_id
    )
    question_options: Connection[types.QuestionOption] | None = listing(
        loaders.question_options, "Options of all questions, by question."
    )
    question_clause: types.QuestionClause | None = lookup(
        "One clause of a question.", id=loaders.question_clause_by_id
    )
    question_clauses: Connection[types.QuestionClause] | None = listing(
        loaders.question_clauses, "Clauses whose requirements questions verify, by question."
    )

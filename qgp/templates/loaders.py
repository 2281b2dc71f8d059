"""How other modules reach templates, their versions, sections and questions."""

import sqlalchemy as sa

from qgp.kit.loader import Register, many, one
from qgp.templates.model import (
    AuditTemplate,
    Question,
    QuestionClause,
    QuestionOption,
    Section,
    TemplateVersion,
)
from qgp.templates.model.terms import TemplateVersionStatus
from qgp.templates.policy import READ

template_by_id = one(AuditTemplate, READ)
template_by_reference = one(AuditTemplate, READ, by=AuditTemplate.reference)
template_version_by_id = one(TemplateVersion, READ)
published_version_of_template = one(
    TemplateVersion,
    READ,
    by=TemplateVersion.template_id,
    where=(TemplateVersion.status == TemplateVersionStatus.PUBLISHED,),
)
unpublished_version_of_template = one(
    TemplateVersion,
    READ,
    by=TemplateVersion.template_id,
    where=(
        sa.or_(
            TemplateVersion.status == TemplateVersionStatus.DRAFT,
            TemplateVersion.status == TemplateVersionStatus.IN_APPROVAL,
        ),
    ),
)
section_by_id = one(Section, READ)
question_by_id = one(Question, READ)
question_option_by_id = one(QuestionOption, READ)
question_clause_by_id = one(QuestionClause, READ)
options_of_question = many(
    QuestionOption,
    READ,
    by=QuestionOption.question_id,
    order=(QuestionOption.position, QuestionOption.id),
)

audit_templates = Register(AuditTemplate, READ, ("name",))
template_versions = Register(TemplateVersion, READ, ("created_at",))
sections = Register(Section, READ, ("created_at",))
questions = Register(Question, READ, ("created_at",))
question_options = Register(QuestionOption, READ, ("question_id", "position"))
question_clauses = Register(QuestionClause, READ, ("question_id", "clause_id"))

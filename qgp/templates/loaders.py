"""Loaders and registers of audit templates, versions, sections and questions."""

import sqlalchemy as sa

from qgp.kit.loader import Register, many, one
from qgp.kit.subjects import subject
from qgp.templates import model, policy
from qgp.templates.model.terms import TemplateVersionStatus

template_by_id = one(model.AuditTemplate, policy.READ)
template_by_reference = one(model.AuditTemplate, policy.READ, by=model.AuditTemplate.reference)
template_version_by_id = subject(one(model.TemplateVersion, policy.READ))
published_version_of_template = one(
    model.TemplateVersion,
    policy.READ,
    by=model.TemplateVersion.template_id,
    where=(model.TemplateVersion.status == TemplateVersionStatus.PUBLISHED,),
)
unpublished_version_of_template = one(
    model.TemplateVersion,
    policy.READ,
    by=model.TemplateVersion.template_id,
    where=(
        sa.or_(
            model.TemplateVersion.status == TemplateVersionStatus.DRAFT,
            model.TemplateVersion.status == TemplateVersionStatus.IN_APPROVAL,
        ),
    ),
)
section_by_id = one(model.Section, policy.READ)
question_by_id = one(model.Question, policy.READ)
question_option_by_id = one(model.QuestionOption, policy.READ)
question_clause_by_id = one(model.QuestionClause, policy.READ)
options_of_question = many(
    model.QuestionOption,
    policy.READ,
    by=model.QuestionOption.question_id,
    order=(model.QuestionOption.position, model.QuestionOption.id),
)

audit_templates = Register(model.AuditTemplate, policy.READ, ("name",))
template_versions = Register(model.TemplateVersion, policy.READ, ("created_at",))
sections = Register(model.Section, policy.READ, ("created_at",))
questions = Register(model.Question, policy.READ, ("created_at",))
question_options = Register(model.QuestionOption, policy.READ, ("question_id", "position"))
question_clauses = Register(model.QuestionClause, policy.READ, ("question_id", "clause_id"))

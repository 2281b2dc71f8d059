"""How other modules reach templates, their versions, sections and questions."""

import sqlalchemy as sa

from qgp.kit.loader import Among, linked, many, one
from qgp.kit.policy import Principal
from qgp.standards.model import Clause
from qgp.standards.policy import READ as READ_CLAUSES
from qgp.templates.model import (
    AuditTemplate,
    Question,
    QuestionClause,
    QuestionOption,
    Section,
    TemplateVersion,
)
from qgp.templates.policy import READ
from qgp.templates.terms import TemplateVersionStatus


def _as_added(_: Principal, among: Among) -> sa.FromClause:
    """Rank the clauses of each question, the first one first."""
    key = QuestionClause.question_id
    rank = sa.func.row_number().over(partition_by=key, order_by=QuestionClause.id).label("place")
    links = sa.select(key.label("key"), QuestionClause.clause_id.label("id"), rank)
    return links.where(among(key)).subquery()


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
        TemplateVersion.status.in_(
            (TemplateVersionStatus.DRAFT, TemplateVersionStatus.IN_APPROVAL)
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
clauses_of_question = linked(Clause, READ_CLAUSES, _as_added)

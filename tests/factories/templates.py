"""Checklist templates with their versions, sections and questions."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.templates.model import (
    AuditTemplate,
    Question,
    QuestionClause,
    QuestionOption,
    Section,
    TemplateVersion,
)
from qgp.templates.model.terms import (
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    TemplateCategory,
    TemplateVersionStatus,
)


def audit_template(**facts: Any) -> AuditTemplate:
    """Make a template without a version."""
    return AuditTemplate(**{"name": "Gauges", "category": TemplateCategory.INTERNAL_AUDIT, **facts})


def template_version(template_id: UUID, **facts: Any) -> TemplateVersion:
    """Make the draft of a first version, passed from 80 percent.

    It enters another state once it has its sections and questions, which then stay.
    """
    columns = {
        "number": 1,
        "status": TemplateVersionStatus.DRAFT,
        "scoring": ScoringMethod.PERCENT,
        "pass_mark": Decimal(80),
        **facts,
    }
    return TemplateVersion(template_id=template_id, **columns)


def section(version_id: UUID, **facts: Any) -> Section:
    """Make the first section of a version."""
    return Section(template_version_id=version_id, **{"title": "Part 1", "position": 0, **facts})


def question(part: Section, **facts: Any) -> Question:
    """Make the first question of a section: a minor one, answered by yes or no."""
    columns = {
        "text": "Is it labelled?",
        "type": QuestionType.YES_NO,
        "position": 0,
        "criticality": QuestionCriticality.MINOR,
        **facts,
    }
    place = {"section_id": part.id, "template_version_id": part.template_version_id}
    return Question(**place, **columns)


def question_option(question_id: UUID, key: str, **facts: Any) -> QuestionOption:
    """Make an option that shows its key."""
    return QuestionOption(
        question_id=question_id, key=key, **{"label": key, "position": 0, **facts}
    )


def question_clause(question_id: UUID, clause_id: UUID) -> QuestionClause:
    """Make a question ask about a clause."""
    return QuestionClause(question_id=question_id, clause_id=clause_id)

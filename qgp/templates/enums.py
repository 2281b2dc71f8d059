"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.findings.terms import FindingGrade
from qgp.kit.gql import described
from qgp.templates.terms import (
    QuestionCriticality,
    QuestionType,
    ScoringMethod,
    TemplateCategory,
    TemplateVersionStatus,
    VisibilityOperator,
)

__all__ = [
    "FindingGrade",
    "QuestionCriticality",
    "QuestionType",
    "ScoringMethod",
    "TemplateCategory",
    "TemplateVersionStatus",
    "VisibilityOperator",
]

# Published by whoever shows it first: findings know checklists, which do not know findings.
described(FindingGrade, "How much a finding weighs.")
described(TemplateCategory, "What a template is used for.")
described(TemplateVersionStatus, "Where a version of a template stands.")
described(ScoringMethod, "How the result of an audit is told.")
described(QuestionType, "What kind of answer a question takes.")
described(QuestionCriticality, "How much a failing answer weighs.")
described(
    VisibilityOperator, "How the answer to an earlier question decides whether something is asked."
)

"""Which failing answers still lack the finding that their question asks for."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from qgp.audits.model import AuditResponse
from qgp.audits.sheets import Filled
from qgp.findings.terms import FindingGrade, FindingSource
from qgp.templates.model import Question

_GRADES = tuple(FindingGrade)  # the heaviest first
_OF_AUDITS = frozenset({FindingSource.AUDIT, FindingSource.CERT_AUDIT})


def grade_of(question: Question) -> FindingGrade:
    """Return how the finding of a failing answer is graded, or at least has to be."""
    return question.fail_grade or FindingGrade.MINOR


def unfound(filled: Filled, found: Sequence[Any]) -> Sequence[tuple[Question, AuditResponse]]:
    """Return the failing answers without a finding that will do, in the order of the checklist.

    Args:
        filled: the checklist with its answers.
        found: the audit's findings as `gathering.findings` tells them; one will do that the audit
            itself brought to light and that weighs enough.
    """
    heaviest: dict[UUID, int] = defaultdict(lambda: len(_GRADES))
    for response_id, grade, _, _, source in found:
        if source in _OF_AUDITS:
            heaviest[response_id] = min(heaviest[response_id], _GRADES.index(grade))
    return [
        (question, response)
        for question, response in filled.failing
        if question.is_finding_created_on_fail
        and heaviest[response.id] > _GRADES.index(grade_of(question))
    ]

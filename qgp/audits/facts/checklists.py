"""Checklists of audits with their responses, read for the computation of scores."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts import scoring
from qgp.audits.facts.related import AuditFinding
from qgp.audits.model import Audit, AuditResponse
from qgp.audits.policy import READ
from qgp.kit.loader import Reads
from qgp.kit.policy import Permission
from qgp.kit.shared_terms import FindingGrade
from qgp.templates.facts.checklists import Answer, Checklist, Place, value_texts
from qgp.templates.facts.parts import Parts, parts_unfiltered, with_version_unfiltered

if TYPE_CHECKING:
    from qgp.templates.model import Question, Section, TemplateVersion


@dataclass(frozen=True)
class AuditChecklist:
    """The checklist of an audit with its responses.

    Attributes:
        version: of the template; None where the audit has no checklist.
        questions: the rows behind what the sheet asks, by id.
        responses: the rows behind its answers.
    """

    sheet: scoring.AnsweredChecklist = field(
        default_factory=lambda: scoring.AnsweredChecklist(Checklist(), {})
    )
    version: "TemplateVersion | None" = None
    sections: "Mapping[UUID, Section]" = field(default_factory=dict)
    questions: "Mapping[UUID, Question]" = field(default_factory=dict)
    responses: Mapping[Place, AuditResponse] = field(default_factory=dict)

    @property
    def visible(self) -> "Sequence[tuple[Question, Place]]":
        """The visible questions, in the order of the checklist."""
        return [(self.questions[place[0]], place) for _, _, place in self.sheet.visible]

    @property
    def unanswered(self) -> "Sequence[tuple[Question, Place]]":
        """The visible questions without a response."""
        return [(row, place) for row, place in self.visible if place not in self.responses]

    @property
    def failing(self) -> "Sequence[tuple[Question, AuditResponse]]":
        """The visible questions with a failing response."""
        pairs = [(row, self.responses.get(place)) for row, place in self.visible]
        return [(row, response) for row, response in pairs if response and response.is_failed]


@dataclass(frozen=True, eq=False)
class AuditChecklists:
    """Loads the checklists of audits in five statements."""

    read: ClassVar[Permission] = READ

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[AuditChecklist]:
        """Return the checklists in the order of the keys."""
        of_audit = await _versions(reads, keys)
        if not of_audit:
            return [AuditChecklist() for _ in keys]
        parts = await parts_unfiltered(reads, of_audit.values())
        responses = await _responses(reads, keys)
        return [
            _filled(parts[of_audit[key].id], responses[key])
            if key in of_audit
            else AuditChecklist()
            for key in keys
        ]


async def _versions(reads: Reads, keys: list[UUID]) -> "dict[UUID, TemplateVersion]":
    statement: Any = sa.select(Audit.id).where(Audit.id.in_(keys))
    return dict(await reads.tuples(with_version_unfiltered(statement, Audit.template_version_id)))


async def _responses(reads: Reads, keys: list[UUID]) -> dict[UUID, list[AuditResponse]]:
    groups: dict[UUID, list[AuditResponse]] = defaultdict(list)
    for row in await reads.rows(sa.select(AuditResponse).where(AuditResponse.audit_id.in_(keys))):
        groups[row.audit_id].append(row)
    return groups


def _filled(parts: Parts, responses: Iterable[AuditResponse]) -> AuditChecklist:
    placed = {(row.question_id, row.repeat_index): row for row in responses}
    answers = {place: _answer(row) for place, row in placed.items()}
    return AuditChecklist(
        scoring.AnsweredChecklist(parts.checklist, answers),
        parts.version,
        {row.id: row for row in parts.sections},
        {row.id: row for row in parts.questions},
        placed,
    )


def _answer(row: AuditResponse) -> Answer:
    return Answer(row.question_id, row.repeat_index, value_texts(row.value), row.is_na)


checklist_of_audit = AuditChecklists()


_GRADES = tuple(FindingGrade)  # the heaviest first


def grade_of(question: "Question") -> FindingGrade:
    """Return the lowest grade of the finding of a failing response."""
    return question.fail_grade or FindingGrade.MINOR


def missing_findings(
    filled: AuditChecklist, findings: Sequence[AuditFinding]
) -> "Sequence[tuple[Question, AuditResponse]]":
    """Return the failing responses without a sufficient finding, in the order of the checklist.

    Args:
        filled: the checklist with its answers.
        findings: the audit's findings; one is sufficient that comes from an audit and has the
            required grade or a heavier one.
    """
    heaviest: dict[UUID | None, int] = defaultdict(lambda: len(_GRADES))
    for finding in findings:
        if finding.is_of_audit:
            weight = _GRADES.index(finding.grade)
            heaviest[finding.response_id] = min(heaviest[finding.response_id], weight)
    return [
        (question, response)
        for question, response in filled.failing
        if question.is_finding_created_on_fail
        and heaviest[response.id] > _GRADES.index(grade_of(question))
    ]

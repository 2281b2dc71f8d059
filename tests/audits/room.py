"""Checklists, and audits in any state, written past the API."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.audits.model import Audit, AuditAuditee, AuditClause, AuditResponse, AuditTeamMember
from qgp.audits.model.terms import (
    AuditConclusion,
    AuditMethod,
    AuditResult,
    AuditSource,
    AuditStatus,
    AuditTeamRole,
    AuditType,
)
from qgp.findings.model import Finding, FindingClause, FindingGrade, FindingSource, FindingStatus
from qgp.kit import clock
from qgp.kit.work import Work
from qgp.organizations.model import Department
from qgp.processes.model import Process, ProcessKind
from qgp.standards.model import Clause
from qgp.templates.model import (
    AuditTemplate,
    Question,
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
from tests.workplace import Workplace

DAY = date(2027, 3, 1)
DONE = {"FIELDWORK_DONE", "IN_REVIEW", "REPORTED", "CLOSED"}
_count = itertools.count()


@dataclass
class Checklist:
    """A published version and its questions, section by section."""

    version: TemplateVersion
    sections: list[Section] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)


def asked(kind: str = "YES_NO", /, **facts: Any) -> dict[str, Any]:
    """A question; `options` are keys with their scores, `None` for none, which fails."""
    return {"type": QuestionType(kind), **facts}


@dataclass
class Room(Workplace):
    """Where somebody of a company writes records as a test needs them."""

    async def checklist(
        self,
        *questions: dict[str, Any],
        sections: Sequence[dict[str, Any]] = ({},),
        status: TemplateVersionStatus = TemplateVersionStatus.PUBLISHED,
        **facts: Any,
    ) -> Checklist:
        """Write a template with a version; a question is in the section that `part` counts."""
        given: dict[str, Any] = {"pass_mark": Decimal(80), "conditional_mark": Decimal(60)}
        given |= {"scoring": ScoringMethod.PERCENT, "number": 1, **facts}
        async with self.working() as work:
            template = await work.add(
                AuditTemplate(name="Gauges", category=TemplateCategory.INTERNAL_AUDIT)
            )
            draft = TemplateVersionStatus.DRAFT
            version = await work.add(
                TemplateVersion(template_id=template.id, status=draft, **given)
            )
            made = Checklist(version)
            for place, more in enumerate(sections):
                part = {"title": f"Part {place + 1}", "position": place, **more}
                made.sections.append(
                    await work.add(Section(template_version_id=version.id, **part))
                )
            for place, told in enumerate(questions):
                await self._question(work, made, place, **told)
            if status is not draft:
                version.enter(status)
                await work.change(version, {"published_on": DAY})
        return made

    async def _question(self, work: Work, made: Checklist, place: int, **told: Any) -> None:
        options: dict[str, Any] = told.pop("options", {})
        part, shown = told.pop("part", 0), told.pop("visible_if", None)
        given = {"text": f"Question {place + 1}?", "position": place, "max_score": Decimal(1)}
        given |= {"criticality": QuestionCriticality.MINOR, "is_required": False, **told}
        if shown is not None:
            earlier, operator, *values = shown
            given |= {"visible_if_question_id": made.questions[earlier].id}
            given |= {"visible_if_operator": operator, "visible_if_values": values}
        row = await work.add(
            Question(
                template_version_id=made.version.id, section_id=made.sections[part].id, **given
            )
        )
        made.questions.append(row)
        for number, (key, score) in enumerate(options.items()):
            worth = {"score": Decimal(score or 0), "is_fail": score is None}
            await work.add(
                QuestionOption(question_id=row.id, key=key, label=key, position=number, **worth)
            )

    async def audit(
        self,
        status: AuditStatus = AuditStatus.PLANNED,
        *,
        team: Sequence[tuple[UUID, str]] = (),
        auditees: Sequence[UUID] = (),
        checklist: Checklist | None = None,
        clause: Clause | None = None,
        by: UUID | None = None,
        **facts: Any,
    ) -> Audit:
        """Write an audit in a state, however it came there; `by` the owner if nobody else."""
        given = {
            "type": AuditType.SYSTEM,
            "method": AuditMethod.ONSITE,
            "source": AuditSource.FIRST_PARTY,
            "title": "Gauges of the lab",
            "scope": "All gauges in use.",
            "planned_start_on": DAY,
            "planned_end_on": DAY,
            "conclusion": AuditConclusion.CONFORM,
            "template_version_id": checklist.version.id if checklist else None,
            **facts,
        }
        if status in DONE:
            given = {"result": AuditResult.UNSCORED, "completed_at": clock.now(), **given}
        row = Audit(status=AuditStatus.PLANNED, **given)
        row.enter(status)
        async with self.working() as work:
            if by is not None:
                info = work.session.info
                info["scope"] = replace(info["scope"], actor_id=by)
            await work.add(row)
            for user_id, role in team:
                if role == "LEAD":
                    await work.change(row, {"lead_auditor_id": user_id})
                place = AuditTeamRole(role)
                await work.add(AuditTeamMember(audit_id=row.id, user_id=user_id, role=place))
            for user_id in auditees:
                await work.add(AuditAuditee(audit_id=row.id, user_id=user_id))
            if clause is not None:
                await work.add(AuditClause(audit_id=row.id, clause_id=clause.id))
        return row

    async def answer(self, audit: Audit, question: Question, text: str, **facts: Any) -> Any:
        """Write an answer with a verdict down, as the company's owner."""
        is_failed = text in {"NO", "FAIL", "MIN", "MAJ"}
        given = {
            "repeat_index": 0,
            "value": {"verdict": text},
            "is_na": False,
            "is_failed": is_failed,
            "client_id": "desk",
            "client_sequence": 1,
            "client_sequences": {"desk": 1},
            "answered_at": clock.now(),
            "answered_by_id": self.company.owner.user_id,
            **facts,
        }
        async with self.working() as work:
            return await work.add(
                AuditResponse(audit_id=audit.id, question_id=question.id, **given)
            )

    async def finding(
        self,
        audit: Audit,
        status: FindingStatus = FindingStatus.DRAFT,
        *,
        clause: Clause | None = None,
        **facts: Any,
    ) -> Finding:
        """Write a finding of an audit that has all it needs, in a state."""
        today = clock.today()
        given = {
            "grade": FindingGrade.OBSERVATION if clause is None else FindingGrade.MINOR,
            "source_type": FindingSource.AUDIT,
            "title": "A gauge without a label",
            "statement": "It has no label.",
            "evidence_text": "Seen.",
            "detected_on": today,
            "owner_id": self.company.owner.user_id,
            "audit_id": audit.id,
            **facts,
        }
        if status is FindingStatus.CLOSED:
            given["closed_on"] = today
        if status is FindingStatus.ACCEPTED:
            given["accepted_until"] = DAY
        row = Finding(status=FindingStatus.DRAFT, **given)
        row.enter(status)
        async with self.working() as work:
            await work.add(row)
            if clause is not None:
                link = {"finding_id": row.id, "clause_id": clause.id}
                await work.add(FindingClause(is_primary=True, **link))
        return row

    async def department(self, parent: Department | None = None) -> Department:
        """Write a department."""
        async with self.working() as work:
            above = parent.id if parent else None
            code = f"D{next(_count)}"
            return await work.add(Department(code=code, name=code, parent_id=above))

    async def process(self, owner_id: UUID) -> Process:
        """Write a process that somebody owns."""
        async with self.working() as work:
            code = f"P{next(_count)}"
            facts = {"kind": ProcessKind.CORE, "owner_id": owner_id}
            return await work.add(Process(code=code, name=code, **facts))

    async def change(self, row: Any, **values: Any) -> Any:
        """Set columns of a record, however it came to that, and return it as it is now."""
        async with self.working() as work:
            return await work.change(await work.get(type(row), row.id), values)

    async def now(self, row: Any) -> Any:
        """Return a record as it is now."""
        async with self.working() as work:
            return await work.get(type(row), row.id)

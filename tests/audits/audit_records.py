"""Checklists, and audits in any state, written past the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from qgp.audits.model import Audit, AuditAuditee, AuditClause, AuditTeamMember
from qgp.audits.model.terms import (
    AuditStatus,
    AuditTeamRole,
)
from qgp.findings.model import Finding, FindingClause, FindingSource, FindingStatus
from qgp.kit.impersonation import impersonate
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning
from qgp.kit.work import Work
from qgp.organizations.model import Department
from qgp.processes.model import Process
from qgp.signatures import service
from qgp.standards.model import Clause
from qgp.templates.model import (
    Question,
    Section,
    TemplateVersion,
)
from qgp.templates.model.terms import (
    QuestionType,
    TemplateVersionStatus,
)
from tests import factories
from tests.record_writer import RecordWriter

DAY = date(2027, 3, 1)


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
class AuditRecords(RecordWriter):
    """Audits of a company and what belongs to them, written as a test needs them."""

    async def checklist(
        self,
        *questions: dict[str, Any],
        sections: Sequence[dict[str, Any]] = ({},),
        status: TemplateVersionStatus = TemplateVersionStatus.PUBLISHED,
        **facts: Any,
    ) -> Checklist:
        """Write a template with a version; a question is in the section that `part` counts."""
        draft = TemplateVersionStatus.DRAFT
        async with self.working() as work:
            template = await work.add(factories.audit_template())
            marks = {"conditional_mark": Decimal(60), **facts}
            version = await work.add(factories.template_version(template.id, **marks))
            checklist = Checklist(version)
            for place, more in enumerate(sections):
                part = {"title": f"Part {place + 1}", "position": place, **more}
                checklist.sections.append(await work.add(factories.section(version.id, **part)))
            for place, question in enumerate(questions):
                await self._question(work, checklist, place, **question)
            if status is not draft:
                version.enter(status)
                await work.change(version, {"published_on": DAY})
        return checklist

    async def _question(self, work: Work, checklist: Checklist, place: int, **facts: Any) -> None:
        options: dict[str, Any] = facts.pop("options", {})
        part, shown = facts.pop("part", 0), facts.pop("visible_if", None)
        columns = {"text": f"Question {place + 1}?", "position": place, "max_score": Decimal(1)}
        columns |= {"is_required": False, **facts}
        if shown is not None:
            earlier, operator, *values = shown
            columns |= {"visible_if_question_id": checklist.questions[earlier].id}
            columns |= {"visible_if_operator": operator, "visible_if_values": values}
        row = await work.add(factories.question(checklist.sections[part], **columns))
        checklist.questions.append(row)
        for number, (key, score) in enumerate(options.items()):
            worth = {"score": Decimal(score or 0), "is_fail": score is None, "position": number}
            await work.add(factories.question_option(row.id, key, **worth))

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
        """Write an audit in a state, however it came there; `by` the owner if nobody else.

        Under review it has the signature of its lead auditor.
        """
        version_id = checklist.version.id if checklist else None
        row = factories.audit(status, **{"template_version_id": version_id, **facts})
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
            if status is AuditStatus.IN_REVIEW:
                await self._author(work, row)
        return row

    async def submit(self, audit: Audit) -> Audit:
        """Put an audit under review, signed by its lead auditor, however complete it is."""
        async with self.working() as work:
            row = await work.get(Audit, audit.id)
            row.enter(AuditStatus.IN_REVIEW)
            await work.flush()
            await self._author(work, row)
        return row

    async def _author(self, work: Work, audit: Audit) -> None:
        if audit.lead_auditor_id is None:
            return
        lead = replace(work.caller, user_id=audit.lead_auditor_id, role=Role.LEAD_AUDITOR)
        async with impersonate(work, lead, "auditSubmit"):
            await service.write(work, audit, Meaning.AUTHORED)

    async def answer(self, audit: Audit, question: Question, text: str, **facts: Any) -> Any:
        """Write an answer with a verdict down, as the company's owner."""
        facts.setdefault("answered_by_id", self.company.owner.user_id)
        row = factories.audit_response(audit.id, question.id, text, **facts)
        async with self.working() as work:
            return await work.add(row)

    async def finding(
        self,
        audit: Audit,
        status: FindingStatus = FindingStatus.DRAFT,
        *,
        clause: Clause | None = None,
        **facts: Any,
    ) -> Finding:
        """Write a finding of an audit that has all it needs, in a state."""
        values = {
            "grade": FindingGrade.OBSERVATION if clause is None else FindingGrade.MINOR,
            "source_type": FindingSource.AUDIT,
            "statement": "It has no label.",
            "evidence_text": "Seen.",
            "owner_id": self.company.owner.user_id,
            "audit_id": audit.id,
            **facts,
        }
        row = factories.finding(status, **values)
        async with self.working() as work:
            await work.add(row)
            if clause is not None:
                link = {"finding_id": row.id, "clause_id": clause.id}
                await work.add(FindingClause(is_primary=True, **link))
        return row

    async def department(self, parent: Department | None = None) -> Department:
        """Write a department."""
        async with self.working() as work:
            return await work.add(factories.department(parent_id=parent and parent.id))

    async def process(self, owner_id: UUID) -> Process:
        """Write a process that somebody owns."""
        async with self.working() as work:
            return await work.add(factories.process(owner_id=owner_id))

    async def change(self, row: Any, **values: Any) -> Any:
        """Set columns of a record, however it came to that, and return it as it is now."""
        async with self.working() as work:
            return await work.change(await work.get(type(row), row.id), values)

    async def now(self, row: Any) -> Any:
        """Return a record as it is now."""
        async with self.working() as work:
            return await work.get(type(row), row.id)

"""Compilation of the audit report, in a fixed number of statements."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Any

from qgp.audits import model
from qgp.audits.facts import report_rows, scoring
from qgp.audits.facts.checklists import AuditChecklist, checklist_of_audit
from qgp.audits.model.terms import AuditTeamRole
from qgp.audits.types.report import (
    MOST_LINES,
    AuditReport,
    AuditReportFinding,
    AuditReportGrade,
    AuditReportMember,
    AuditReportQuestion,
    AuditReportSample,
    AuditReportSection,
    AuditReportSignature,
)
from qgp.kit.context import Context
from qgp.kit.shared_terms import FindingGrade

_DATES: tuple[str, ...] = ("planned_start_on", "planned_end_on", "started_at", "completed_at")
_DATES += ("reported_on", "closed_on")


async def compile_report(audit: model.Audit, context: Context) -> AuditReport:
    """Compile the report of an audit."""
    loaders: tuple[Any, ...] = (
        checklist_of_audit,
        report_rows.standards,
        report_rows.cited_clauses,
        report_rows.team,
        report_rows.auditees,
        report_rows.visible_findings,
        report_rows.samples,
        report_rows.listed_findings,
        report_rows.reviewer,
        report_rows.signatures,
    )
    rows = await asyncio.gather(*[context.load(loader, audit.id) for loader in loaders])
    filled, standards, clauses, team, auditees, findings, samples, listed, reviewers, signed = rows
    with_finding = {finding.response_id for finding in findings}
    leads = [member.name for member in team if member.role is AuditTeamRole.LEAD]
    score = scoring.score(filled.sheet)
    return AuditReport(
        reference=audit.reference,
        title=audit.title,
        scope=audit.scope,
        criteria=audit.criteria,
        **{name: getattr(audit, name) for name in _DATES},
        lead_auditor=leads[0] if leads else None,
        reviewer=reviewers[0][0] if reviewers else None,
        standards=[code for (code,) in standards],
        clauses=[" ".join(citation) for citation in clauses],
        team=[_member(member) for member in team],
        auditees=[name for (name,) in auditees],
        opening_notes=audit.opening_notes,
        closing_notes=audit.closing_notes,
        conclusion=audit.conclusion,
        result=audit.result or score.result,
        raw_score=score.raw,
        max_score=score.maximum,
        score_pct=score.pct,
        overridden_pct=audit.overridden_pct,
        override_reason=audit.override_reason,
        sections=[_section(filled, part) for part in score.sections[:MOST_LINES]],
        findings=_grades(findings),
        finding_list=[_finding(row) for row in listed if not row.supplemented_at][:MOST_LINES],
        supplements=[_finding(row) for row in listed if row.supplemented_at][:MOST_LINES],
        signatures=[
            AuditReportSignature(name=n, meaning=m, signed_at=at)
            for n, m, at in signed[:MOST_LINES]
        ],
        samples=[_sample(sample) for sample in samples[:MOST_LINES]],
        failures=[
            _question(
                filled,
                row,
                response.repeat_index,
                response,
                has_finding=response.id in with_finding,
            )
            for row, response in filled.failing[:MOST_LINES]
        ],
        unanswered=[
            _question(filled, row, place[1]) for row, place in filled.unanswered[:MOST_LINES]
        ],
    )


def _section(filled: AuditChecklist, part: scoring.SectionScore) -> AuditReportSection:
    row = filled.sections[part.section_id]
    return AuditReportSection(
        title=row.title,
        repeat_index=part.repeat_index,
        weight=row.weight,
        raw_score=part.raw,
        max_score=part.maximum,
        pct=part.pct,
    )


def _member(member: report_rows.TeamMember) -> AuditReportMember:
    return AuditReportMember(
        name=member.name, role=member.role, override_reason=member.override_reason
    )


def _finding(finding: report_rows.ListedFinding) -> AuditReportFinding:
    citation = (finding.code, finding.number, finding.clause_title)
    return AuditReportFinding(
        reference=finding.reference,
        grade=finding.grade,
        title=finding.title,
        status=finding.status,
        clause=" ".join(part for part in citation if part) or None,
        supplemented_at=finding.supplemented_at,
        supplement_reason=finding.supplement_reason,
    )


def _grades(findings: Sequence[report_rows.VisibleFinding]) -> list[AuditReportGrade]:
    total = Counter(finding.grade for finding in findings)
    ended = Counter(finding.grade for finding in findings if finding.has_ended)
    return [AuditReportGrade(grade=g, total=total[g], ended=ended[g]) for g in FindingGrade]


def _sample(sample: report_rows.Sample) -> AuditReportSample:
    row = sample.sample_set
    return AuditReportSample(
        population_description=row.population_description,
        population_size=row.population_size,
        method=row.method,
        seed=row.seed,
        size=row.size,
        recorded=sample.recorded,
        nonconforming=sample.nonconforming,
    )


def _question(
    filled: AuditChecklist,
    row: Any,
    repeat_index: int,
    response: model.AuditResponse | None = None,
    *,
    has_finding: bool = False,
) -> AuditReportQuestion:
    return AuditReportQuestion(
        section=filled.sections[row.section_id].title,
        text=row.text,
        repeat_index=repeat_index,
        is_required=row.is_required,
        comment=response.comment if response else None,
        no_finding_reason=response.no_finding_reason if response and not has_finding else None,
    )

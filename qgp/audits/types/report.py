"""What a printed report of an audit shows, in one object and a fixed number of statements."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qgp.audits import model
from qgp.audits.facts import related, scoring
from qgp.audits.facts.checklists import Filled, sheet_of_audit
from qgp.audits.model.terms import AuditConclusion, AuditResult, AuditTeamRole, SampleMethod
from qgp.findings.refs import FindingStatusRef
from qgp.kit.context import Context
from qgp.kit.gql import column, object_type, plain_list
from qgp.kit.loader import MOST_ROWS
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning

MOST_LINES = 500  # of one list of a report
_DATES: tuple[str, ...] = ("planned_start_on", "planned_end_on", "started_at", "completed_at")
_DATES += ("reported_on", "closed_on")


@object_type
class AuditReportMember:
    """Somebody of the team, as a report names them."""

    name: str = column("Who it is.")
    role: AuditTeamRole = column("What they did.")
    override_reason: str | None = column(
        "Why they audited what they belong to; null where they do not."
    )


@object_type
class AuditReportSection:
    """What one run of a section is worth."""

    title: str = column("The section.")
    repeat_index: int = column("The run, from 0.")
    weight: Decimal = column("How much it counts among the sections.")
    raw_score: Decimal = column("Points reached.")
    max_score: Decimal = column("Points that its answers could reach.")
    pct: Decimal | None = column("0 to 100, two decimals; null where nothing was measured.")


@object_type
class AuditReportGrade:
    """How many findings of a grade an audit has, as far as you see them; VOID ones are left out."""

    grade: FindingGrade = column("The grade.")
    total: int = column("How many there are.")
    ended: int = column("How many of them are CLOSED or ACCEPTED.")


@object_type
class AuditReportFinding:
    """A finding, as a report lists it."""

    reference: str = column("Its reference.")
    grade: FindingGrade = column("How much it weighs.")
    title: str = column("What it is about.")
    status: FindingStatusRef = column("Where it stands.")
    clause: str | None = column(
        "Its primary clause, `ISO9001:2015 8.5.1 Title`; null where it has none."
    )


@object_type
class AuditReportSignature:
    """Somebody's signature under the audit, as a report shows it."""

    name: str = column("The signer's name as it was then.")
    meaning: Meaning = column("What they said by it.")
    signed_at: datetime = column("When.")


@object_type
class AuditReportSample:
    """A sample and what was seen of it."""

    population_description: str = column("What it was chosen from.")
    population_size: int = column("How many there were to choose from.")
    method: SampleMethod = column("How it was chosen.")
    seed: str | None = column("What it was drawn from, if RANDOM.")
    size: int = column("How many items it has.")
    recorded: int = column("How many were looked at.")
    nonconforming: int = column("How many of them did not conform.")


@object_type
class AuditReportQuestion:
    """A question in a run of its section."""

    section: str = column("Title of its section.")
    text: str = column("What was asked.")
    repeat_index: int = column("The run, from 0.")
    is_required: bool = column("Whether it has to be answered.")
    comment: str | None = column("What was said of it, where it fails.")
    no_finding_reason: str | None = column(
        "Why it has no finding; null where it has one, or nobody said why not."
    )


@object_type
class AuditReport:
    """Everything that a printed report of an audit shows, as of now."""

    reference: str = column("The audit's reference.")
    title: str = column("What it is about.")
    scope: str | None = column("What was looked at.")
    criteria: str | None = column("What it was held against, besides.")
    planned_start_on: date | None = column("Its first day as planned.")
    planned_end_on: date | None = column("Its last day as planned.")
    started_at: datetime | None = column("When it was begun.")
    completed_at: datetime | None = column("When its fieldwork was done.")
    reported_on: date | None = column("When it was issued.")
    closed_on: date | None = column("When it was closed.")
    lead_auditor: str | None = column("Name of who leads it.")
    reviewer: str | None = column("Name of who reviewed and issued it; null before.")
    standards: list[str] = plain_list("Codes of the standards it was held against.", MOST_ROWS)
    clauses: list[str] = plain_list("The clauses covered, `ISO9001:2015 8.5.1 Title`.", 200)
    team: list[AuditReportMember] = plain_list("Who audited.", MOST_ROWS)
    auditees: list[str] = plain_list("Names of who was audited.", MOST_ROWS)
    opening_notes: str | None = column("Of the opening meeting.")
    closing_notes: str | None = column("Of the closing meeting.")
    conclusion: AuditConclusion | None = column("What the auditors say.")
    result: AuditResult = column(
        "What the score says; as it would be now where the fieldwork goes on."
    )
    raw_score: Decimal = column("Points reached.")
    max_score: Decimal = column("Points that the answers could reach.")
    score_pct: Decimal | None = column(
        "The percentage from the answers; null where nothing was measured."
    )
    overridden_pct: Decimal | None = column(
        "The percentage that counts in its place, where somebody overrode it."
    )
    override_reason: str | None = column("Why it was overridden.")
    sections: list[AuditReportSection] = plain_list(
        "The sections in order, each run for itself.", MOST_LINES
    )
    findings: list[AuditReportGrade] = plain_list(
        "The findings by grade, as far as you see them, all five grades.", len(FindingGrade)
    )
    finding_list: list[AuditReportFinding] = plain_list(
        "The findings themselves, the oldest first, as far as you see them; VOID ones are left "
        "out.",
        MOST_LINES,
    )
    signatures: list[AuditReportSignature] = plain_list(
        "Who signed it, the earliest first; `signatures` of the audit tells whether each still "
        "stands.",
        MOST_LINES,
    )
    samples: list[AuditReportSample] = plain_list("The samples in order.", MOST_LINES)
    failures: list[AuditReportQuestion] = plain_list(
        "What was asked and failed, in the order of the checklist.", MOST_LINES
    )
    unanswered: list[AuditReportQuestion] = plain_list(
        "What was asked and not answered, in the order of the checklist.", MOST_LINES
    )


async def reported(audit: model.Audit, context: Context) -> AuditReport:
    """Put the report of an audit together."""
    loaders: Sequence[Any] = (
        sheet_of_audit,
        related.standards,
        related.covered,
        related.team,
        related.auditees,
        related.visible_findings,
        related.samples,
        related.listed_findings,
        related.reviewer,
        related.signatures,
    )
    found = await asyncio.gather(*[context.load(loader, audit.id) for loader in loaders])
    filled, standards, clauses, team, auditees, findings, samples, listed, *signed = found
    reviewers, signatures = signed
    answered = {id for id, *_ in findings}
    leads = [name for _, name, role, _ in team if role is AuditTeamRole.LEAD]
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
        clauses=[" ".join(told) for told in clauses],
        team=[AuditReportMember(name=n, role=r, override_reason=why) for _, n, r, why in team],
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
        finding_list=[_finding(*told) for told in listed[:MOST_LINES]],
        signatures=[
            AuditReportSignature(name=n, meaning=m, signed_at=at)
            for n, m, at in signatures[:MOST_LINES]
        ],
        samples=[_sample(*told) for told in samples[:MOST_LINES]],
        failures=[
            _question(filled, row, of.repeat_index, of, is_found=of.id in answered)
            for row, of in filled.failing[:MOST_LINES]
        ],
        unanswered=[
            _question(filled, row, place[1]) for row, place in filled.unanswered[:MOST_LINES]
        ],
    )


def _section(filled: Filled, part: scoring.SectionScore) -> AuditReportSection:
    row = filled.sections[part.section_id]
    return AuditReportSection(
        title=row.title,
        repeat_index=part.repeat_index,
        weight=row.weight,
        raw_score=part.raw,
        max_score=part.maximum,
        pct=part.pct,
    )


def _finding(
    reference: str, grade: FindingGrade, title: str, status: Any, *clause: str | None
) -> AuditReportFinding:
    told = " ".join(part for part in clause if part) or None
    return AuditReportFinding(
        reference=reference, grade=grade, title=title, status=status, clause=told
    )


def _grades(findings: Sequence[Any]) -> list[AuditReportGrade]:
    total = Counter(grade for _, grade, *_ in findings)
    ended = Counter(grade for _, grade, has_ended in findings if has_ended)
    return [AuditReportGrade(grade=g, total=total[g], ended=ended[g]) for g in FindingGrade]


def _sample(row: model.SampleSet, recorded: int, nonconforming: int) -> AuditReportSample:
    return AuditReportSample(
        population_description=row.population_description,
        population_size=row.population_size,
        method=row.method,
        seed=row.seed,
        size=row.size,
        recorded=recorded,
        nonconforming=nonconforming,
    )


def _question(
    filled: Filled,
    row: Any,
    repeat_index: int,
    response: model.AuditResponse | None = None,
    *,
    is_found: bool = False,
) -> AuditReportQuestion:
    return AuditReportQuestion(
        section=filled.sections[row.section_id].title,
        text=row.text,
        repeat_index=repeat_index,
        is_required=row.is_required,
        comment=response.comment if response else None,
        no_finding_reason=response.no_finding_reason if response and not is_found else None,
    )

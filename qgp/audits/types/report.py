"""GraphQL types of the audit report (ISO 19011:2018, 6.5)."""

from datetime import date, datetime
from decimal import Decimal

from qgp.audits.model.terms import AuditConclusion, AuditResult, AuditTeamRole, SampleMethod
from qgp.findings.refs import FindingStatusRef
from qgp.kit.gql import column, object_type, plain_list
from qgp.kit.loader import MOST_ROWS
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning

MOST_LINES = 500  # of one list of a report


@object_type
class AuditReportMember:
    """A member of the audit team in the audit report."""

    name: str = column("Name.")
    role: AuditTeamRole = column("Role in the audit team.")
    override_reason: str | None = column(
        "Administrator's reason for the impartiality override; null if none."
    )


@object_type
class AuditReportSection:
    """Score of one repetition of a section."""

    title: str = column("Title of the section.")
    repeat_index: int = column("Repetition of the section, from 0.")
    weight: Decimal = column("Weight of the section in the score.")
    raw_score: Decimal = column("Points achieved.")
    max_score: Decimal = column("Highest number of points that the responses could achieve.")
    pct: Decimal | None = column(
        "Score in percent, 0 to 100 with two decimals; null if no scored question was answered."
    )


@object_type
class AuditReportGrade:
    """Number of findings of one grade visible to you, without VOID ones."""

    grade: FindingGrade = column("The grade.")
    total: int = column("Number of findings.")
    ended: int = column("Number of these that are CLOSED or ACCEPTED.")


@object_type
class AuditReportFinding:
    """A finding in the audit report."""

    reference: str = column("Reference number.")
    grade: FindingGrade = column("Grade.")
    title: str = column("Title.")
    status: FindingStatusRef = column("Status.")
    clause: str | None = column("Primary clause, `ISO9001:2015 8.5.1 Title`; null if none.")
    supplemented_at: datetime | None = column(
        "Instant at which it was added to the issued report; null unless it is a supplement."
    )
    supplement_reason: str | None = column(
        "Reason of the lead auditor for the supplement; null unless it is one."
    )


@object_type
class AuditReportSignature:
    """An electronic signature of the audit in the audit report (21 CFR 11.50)."""

    name: str = column("Name of the signer at the time of signing.")
    meaning: Meaning = column("Meaning of the signature.")
    signed_at: datetime = column("Time of signing.")


@object_type
class AuditReportSample:
    """A sample set in the audit report."""

    population_description: str = column("Description of the population.")
    population_size: int = column("Number of items in the population.")
    method: SampleMethod = column("Sampling method.")
    seed: str | None = column("Random seed; null unless the method is RANDOM.")
    size: int = column("Number of items in the sample.")
    recorded: int = column("Number of items examined.")
    nonconforming: int = column("Number of nonconforming items.")


@object_type
class AuditReportQuestion:
    """A question in one repetition of its section."""

    section: str = column("Title of the section.")
    text: str = column("Text of the question.")
    repeat_index: int = column("Repetition of the section, from 0.")
    is_required: bool = column("Whether a response is required.")
    comment: str | None = column("Comment of the failing response; null if none.")
    no_finding_reason: str | None = column(
        "Reason why the failing response needs no finding; null if it has one, or no reason "
        "was given."
    )


@object_type
class AuditReport:
    """Content of the printed audit report, as of now."""

    reference: str = column("Reference number of the audit.")
    title: str = column("Title.")
    scope: str | None = column("Audit scope.")
    criteria: str | None = column("Audit criteria other than standards and clauses.")
    planned_start_on: date | None = column("Planned first day.")
    planned_end_on: date | None = column("Planned last day.")
    started_at: datetime | None = column("Start of the fieldwork.")
    completed_at: datetime | None = column("Completion of the fieldwork.")
    reported_on: date | None = column("Date the audit report was issued.")
    closed_on: date | None = column("Date the audit was closed.")
    lead_auditor: str | None = column("Name of the lead auditor.")
    reviewer: str | None = column("Name of the reviewer who issued the report; null before.")
    standards: list[str] = plain_list("Codes of the standards of the audit criteria.", MOST_ROWS)
    clauses: list[str] = plain_list(
        "Clauses of the audit criteria, `ISO9001:2015 8.5.1 Title`.", 200
    )
    team: list[AuditReportMember] = plain_list("Audit team.", MOST_ROWS)
    auditees: list[str] = plain_list("Names of the auditees.", MOST_ROWS)
    opening_notes: str | None = column("Notes of the opening meeting.")
    closing_notes: str | None = column("Notes of the closing meeting.")
    conclusion: AuditConclusion | None = column("Audit conclusion.")
    result: AuditResult = column(
        "Result of the audit; provisional before the fieldwork is completed."
    )
    raw_score: Decimal = column("Points achieved.")
    max_score: Decimal = column("Highest number of points that the responses could achieve.")
    score_pct: Decimal | None = column(
        "Computed score in percent; null if no scored question was answered."
    )
    overridden_pct: Decimal | None = column(
        "Percentage that overrides the computed score; null if not overridden."
    )
    override_reason: str | None = column("Reason for overriding the score.")
    sections: list[AuditReportSection] = plain_list(
        "Scores of the sections in order, one for each repetition.", MOST_LINES
    )
    findings: list[AuditReportGrade] = plain_list(
        "Numbers of findings visible to you, one entry for each of the five grades.",
        len(FindingGrade),
    )
    finding_list: list[AuditReportFinding] = plain_list(
        "Findings visible to you, oldest first, without VOID ones and supplements.",
        MOST_LINES,
    )
    supplements: list[AuditReportFinding] = plain_list(
        "Late findings visible to you that the lead auditor added to the issued report, oldest "
        "first, without VOID ones.",
        MOST_LINES,
    )
    signatures: list[AuditReportSignature] = plain_list(
        "Electronic signatures, earliest first; `signatures` of the audit shows whether each "
        "is still valid.",
        MOST_LINES,
    )
    samples: list[AuditReportSample] = plain_list("Sample sets in order.", MOST_LINES)
    failures: list[AuditReportQuestion] = plain_list(
        "Questions with failing responses, in the order of the checklist.", MOST_LINES
    )
    unanswered: list[AuditReportQuestion] = plain_list(
        "Visible questions without a response, in the order of the checklist.", MOST_LINES
    )

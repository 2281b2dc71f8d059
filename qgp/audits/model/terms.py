"""Enumerations of audits."""

from qgp.kit.described_enum import DescribedEnum


class AuditType(DescribedEnum):
    """Subject of an audit."""

    SYSTEM = "SYSTEM", "Management system, or a part of it."
    PROCESS = "PROCESS", "One process, from inputs to outputs."
    PRODUCT = "PRODUCT", "Product or service."
    SUPPLIER = "SUPPLIER", "External provider (ISO 9001:2015, 8.4)."
    INSPECTION = "INSPECTION", "Inspection of a place or an object against a checklist."
    CERTIFICATION = (
        "CERTIFICATION",
        ("Certification, surveillance or recertification audit by a certification body."),
    )
    FOLLOW_UP = "FOLLOW_UP", "Verification of the corrective actions of an earlier audit."


class AuditSource(DescribedEnum):
    """Party on whose behalf an audit is conducted (ISO 19011:2018, 3.1)."""

    FIRST_PARTY = "FIRST_PARTY", "Internal audit, by or on behalf of the organization."
    SECOND_PARTY = (
        "SECOND_PARTY",
        "Audit of the organization by a customer, or of an external provider by the organization.",
    )
    THIRD_PARTY = (
        "THIRD_PARTY",
        ("Audit by an independent body, such as a certification body or a regulator."),
    )


class AuditStatus(DescribedEnum):
    """Status of an audit."""

    PLANNED = "PLANNED", "Planned; dates, lead auditor and scope may be missing."
    SCHEDULED = (
        "SCHEDULED",
        ("Announced to the auditee, with dates, lead auditor, scope and audit criteria."),
    )
    IN_PROGRESS = (
        "IN_PROGRESS",
        ("Fieldwork under way; the audit team records responses and raises findings."),
    )
    FIELDWORK_DONE = "FIELDWORK_DONE", "Fieldwork completed; the score is computed."
    IN_REVIEW = "IN_REVIEW", "Submitted; under review by a person who took no part in the audit."
    REPORTED = "REPORTED", "Audit report issued; follow-up of the findings under way."
    CLOSED = "CLOSED", "Follow-up completed; each finding is CLOSED, ACCEPTED or VOID."
    CANCELLED = "CANCELLED", "Cancelled with a reason, which the audit trail keeps."


ENDED = frozenset({AuditStatus.CLOSED, AuditStatus.CANCELLED})
UNBEGUN = frozenset({AuditStatus.PLANNED, AuditStatus.SCHEDULED})
UNSUBMITTED = UNBEGUN | {AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE}
SCORED = frozenset({AuditStatus.FIELDWORK_DONE, AuditStatus.IN_REVIEW})  # and not issued yet
UNISSUED = UNBEGUN | {AuditStatus.IN_PROGRESS} | SCORED


class AuditResult(DescribedEnum):
    """Result of an audit, derived from its score."""

    PASS = "PASS", "Score at or above the pass mark."
    CONDITIONAL = "CONDITIONAL", "Score below the pass mark, at or above the conditional mark."
    FAIL = "FAIL", "Score below both marks, or a failed CRITICAL question."
    UNSCORED = "UNSCORED", "No scored question was answered, or the template version is not scored."


class AuditConclusion(DescribedEnum):
    """Audit conclusion of the audit team (ISO 9000:2015, 3.13.10)."""

    CONFORM = "CONFORM", "The audit criteria are fulfilled."
    SUBSTANTIALLY_CONFORM = (
        "SUBSTANTIALLY_CONFORM",
        ("The audit criteria are fulfilled except for the nonconformities raised."),
    )
    NOT_CONFORM = "NOT_CONFORM", "The audit criteria are not fulfilled."


class AuditTeamRole(DescribedEnum):
    """Role in an audit team."""

    LEAD = "LEAD", "Lead auditor, the same user as `leadAuditor` of the audit."
    AUDITOR = "AUDITOR", "Auditor."
    EXPERT = (
        "EXPERT",
        ("Technical expert, who supports the audit team with knowledge of the subject."),
    )
    OBSERVER = "OBSERVER", "Observer, who records no responses."
    TRAINEE = "TRAINEE", "Auditor-in-training, under the supervision of an auditor."


ANSWERERS = frozenset(AuditTeamRole) - {AuditTeamRole.OBSERVER}


class AnswerVerdict(DescribedEnum):
    """Response to a question of type YES_NO, PASS_FAIL or CONFORMITY."""

    YES = "YES", "Yes, full score; for questions of type YES_NO."
    NO = "NO", "No, which fails the question; for YES_NO."
    PASS = "PASS", "Passed, full score; for PASS_FAIL."
    FAIL = "FAIL", "Failed; for PASS_FAIL."
    CONFORM = "CONFORM", "It conforms; for CONFORMITY."
    OBSERVATION = (
        "OBSERVATION",
        "It conforms, but a nonconformity may arise if nothing is done; full score; "
        "for CONFORMITY.",
    )
    MINOR = "MINOR", "A minor nonconformity, which fails with half the score; for CONFORMITY."
    MAJOR = "MAJOR", "A major nonconformity, which fails; for CONFORMITY."


class SampleMethod(DescribedEnum):
    """Sampling method (ISO 19011:2018, A.6)."""

    RANDOM = "RANDOM", "Statistical: the item numbers are drawn from the stored random seed."
    JUDGEMENT = "JUDGEMENT", "Judgement-based: chosen by the auditor."
    STRATIFIED = "STRATIFIED", "Stratified: some items from each group of the population."
    HAPHAZARD = "HAPHAZARD", "Haphazard: without a system and without randomness."


class SampleResult(DescribedEnum):
    """Result of examining one item of a sample set."""

    CONFORMING = "CONFORMING", "The item fulfils the requirement."
    NONCONFORMING = "NONCONFORMING", "The item does not fulfil the requirement."
    UNAVAILABLE = "UNAVAILABLE", "The item could not be examined."

"""The closed sets of audits."""

from qgp.kit.described_enum import DescribedEnum


class AuditType(DescribedEnum):
    """What is audited."""

    SYSTEM = "SYSTEM", "The management system, or a part of it."
    PROCESS = "PROCESS", "One process, from input to output."
    PRODUCT = "PRODUCT", "A finished product or service."
    SUPPLIER = "SUPPLIER", "An external provider."
    INSPECTION = "INSPECTION", "A place or thing, against a list."
    CERTIFICATION = "CERTIFICATION", "What a certification body certifies or watches."
    FOLLOW_UP = "FOLLOW_UP", "Whether what an earlier audit found is mended."


class AuditSource(DescribedEnum):
    """On whose behalf an audit is made."""

    FIRST_PARTY = "FIRST_PARTY", "The organization audits itself."
    SECOND_PARTY = "SECOND_PARTY", "A customer audits, or the organization audits a supplier."
    THIRD_PARTY = "THIRD_PARTY", "An independent body audits."


class AuditStatus(DescribedEnum):
    """Where an audit stands."""

    PLANNED = "PLANNED", "Foreseen; days, lead and scope may still be open."
    SCHEDULED = "SCHEDULED", "Announced, with days, lead, scope and what it is held against."
    IN_PROGRESS = "IN_PROGRESS", "Being performed; its team answers and raises findings."
    FIELDWORK_DONE = "FIELDWORK_DONE", "Everything is answered; the score is computed."
    IN_REVIEW = "IN_REVIEW", "Somebody who took no part in it reads it."
    REPORTED = "REPORTED", "Issued; its findings are open."
    CLOSED = "CLOSED", "All of its findings have ended."
    CANCELLED = "CANCELLED", "Given up, for a reason that the trail keeps."


ENDED = frozenset({AuditStatus.CLOSED, AuditStatus.CANCELLED})
UNBEGUN = frozenset({AuditStatus.PLANNED, AuditStatus.SCHEDULED})
UNSUBMITTED = UNBEGUN | {AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE}
SCORED = frozenset({AuditStatus.FIELDWORK_DONE, AuditStatus.IN_REVIEW})  # and not issued yet
UNISSUED = UNBEGUN | {AuditStatus.IN_PROGRESS} | SCORED


class AuditResult(DescribedEnum):
    """What the score says of what was audited."""

    PASS = "PASS", "The score reaches the pass mark."
    CONDITIONAL = "CONDITIONAL", "Below the pass mark, but at the conditional mark or above."
    FAIL = "FAIL", "Below the marks, or a critical question failed."
    UNSCORED = "UNSCORED", "There is nothing to measure."


class AuditConclusion(DescribedEnum):
    """What the auditors make of it all."""

    CONFORM = "CONFORM", "It conforms."
    SUBSTANTIALLY_CONFORM = "SUBSTANTIALLY_CONFORM", "It conforms but for what was found."
    NOT_CONFORM = "NOT_CONFORM", "It does not conform."


class AuditTeamRole(DescribedEnum):
    """What somebody does in an audit."""

    LEAD = "LEAD", "Leads the team; the audit names the same person as `leadAuditor`."
    AUDITOR = "AUDITOR", "Audits."
    EXPERT = "EXPERT", "Knows the subject, and answers for that part."
    OBSERVER = "OBSERVER", "Looks on, and answers nothing."
    TRAINEE = "TRAINEE", "Learns to audit, under the others' eyes."


ANSWERERS = frozenset(AuditTeamRole) - {AuditTeamRole.OBSERVER}


class AnswerVerdict(DescribedEnum):
    """The answer to a question that asks for a verdict."""

    YES = "YES", "Yes; for questions of type YES_NO."
    NO = "NO", "No, which fails; for YES_NO."
    PASS = "PASS", "It passes; for PASS_FAIL."
    FAIL = "FAIL", "It fails; for PASS_FAIL."
    C = "C", "It conforms; for CONFORMITY."
    OBS = "OBS", "It conforms, and may not for long; full score; for CONFORMITY."
    MIN = "MIN", "A minor nonconformity, which fails with half the score; for CONFORMITY."
    MAJ = "MAJ", "A major nonconformity, which fails; for CONFORMITY."


class SampleMethod(DescribedEnum):
    """How a sample is chosen from its population."""

    RANDOM = "RANDOM", "By chance: the item numbers are drawn from the stored seed."
    JUDGEMENT = "JUDGEMENT", "By what the auditor holds for telling."
    STRATIFIED = "STRATIFIED", "Some from each group of the population."
    HAPHAZARD = "HAPHAZARD", "Without a system, and without the claim of chance."


class SampleResult(DescribedEnum):
    """What was seen at one item of a sample."""

    CONFORMING = "CONFORMING", "It is as it should be."
    NONCONFORMING = "NONCONFORMING", "It is not as it should be."
    UNAVAILABLE = "UNAVAILABLE", "It could not be looked at."

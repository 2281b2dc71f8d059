"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.audits.terms import (
    AnswerVerdict,
    AuditConclusion,
    AuditMethod,
    AuditResult,
    AuditSource,
    AuditStatus,
    AuditTeamRole,
    AuditType,
    SampleMethod,
    SampleResult,
)
from qgp.findings.terms import FindingStatus
from qgp.kit.gql import described

__all__ = [
    "AnswerVerdict",
    "AuditConclusion",
    "AuditMethod",
    "AuditResult",
    "AuditSource",
    "AuditStatus",
    "AuditTeamRole",
    "AuditType",
    "FindingStatus",
    "SampleMethod",
    "SampleResult",
]

# Published by whoever shows it first: findings know audits, which do not know findings.
described(FindingStatus, "Where a finding stands.")
described(AuditType, "What is audited.")
described(AuditMethod, "How the auditors come by their evidence.")
described(AuditSource, "On whose behalf an audit is made.")
described(AuditStatus, "Where an audit stands.")
described(AuditResult, "What the score says of what was audited.")
described(AuditConclusion, "What the auditors make of it all.")
described(AuditTeamRole, "What somebody does in an audit.")
described(AnswerVerdict, "The answer to a question that asks for a verdict.")
described(SampleMethod, "How a sample is chosen from its population.")
described(SampleResult, "What was seen at one item of a sample.")

"""Audits with their criteria, team, answers and samples."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.audits.model import (
    Audit,
    AuditAuditee,
    AuditClause,
    AuditResponse,
    AuditStandard,
    AuditTeamMember,
    SampleItem,
    SampleSet,
)
from qgp.audits.model.terms import (
    AuditConclusion,
    AuditResult,
    AuditSource,
    AuditStatus,
    AuditTeamRole,
    AuditType,
    SampleMethod,
)
from qgp.kit import clock
from qgp.kit.shared_terms import AuditMethod

DAY = date(2027, 3, 1)
DONE = {
    AuditStatus.FIELDWORK_DONE,
    AuditStatus.IN_REVIEW,
    AuditStatus.REPORTED,
    AuditStatus.CLOSED,
}


def audit(status: AuditStatus = AuditStatus.PLANNED, **facts: Any) -> Audit:
    """Make an internal audit of the system in a state, without a checklist."""
    columns = {
        "type": AuditType.SYSTEM,
        "method": AuditMethod.ONSITE,
        "source": AuditSource.FIRST_PARTY,
        "title": "Gauges of the lab",
        "scope": "All gauges in use.",
        "planned_start_on": DAY,
        "planned_end_on": DAY,
        "conclusion": AuditConclusion.CONFORM,
        **facts,
    }
    if status in DONE:
        columns = {"result": AuditResult.UNSCORED, "completed_at": clock.now(), **columns}
    row = Audit(status=AuditStatus.PLANNED, **columns)
    row.enter(status)
    return row


def audit_response(
    audit_id: UUID, question_id: UUID, verdict: str, *, answered_by_id: UUID, **facts: Any
) -> AuditResponse:
    """Make an answer with a verdict, by the first device."""
    columns = {
        "repeat_index": 0,
        "value": {"verdict": verdict},
        "is_na": False,
        "is_failed": verdict in {"NO", "FAIL", "MINOR", "MAJOR"},
        "client_id": "desk",
        "client_sequence": 1,
        "client_sequences": {"desk": 1},
        "answered_at": clock.now(),
        **facts,
    }
    of = {"audit_id": audit_id, "question_id": question_id}
    return AuditResponse(answered_by_id=answered_by_id, **of, **columns)


def sample_set(audit_id: UUID, **facts: Any) -> SampleSet:
    """Make a haphazard sample of one out of nine."""
    columns = {
        "population_description": "Gauges",
        "population_size": 9,
        "size": 1,
        "method": SampleMethod.HAPHAZARD,
        **facts,
    }
    return SampleSet(audit_id=audit_id, **columns)


def sample_item(sample_set_id: UUID, **facts: Any) -> SampleItem:
    """Make the first item of a sample, not looked at yet."""
    return SampleItem(sample_set_id=sample_set_id, **{"position": 1, **facts})


def audit_standard(audit_id: UUID, standard_id: UUID) -> AuditStandard:
    """Hold an audit against a standard."""
    return AuditStandard(audit_id=audit_id, standard_id=standard_id)


def audit_clause(audit_id: UUID, clause_id: UUID) -> AuditClause:
    """Hold an audit against a clause."""
    return AuditClause(audit_id=audit_id, clause_id=clause_id)


def audit_team_member(audit_id: UUID, user_id: UUID, **facts: Any) -> AuditTeamMember:
    """Make an auditor of a team who needs no override."""
    columns = {"role": AuditTeamRole.AUDITOR, **facts}
    return AuditTeamMember(audit_id=audit_id, user_id=user_id, **columns)


def audit_auditee(audit_id: UUID, user_id: UUID) -> AuditAuditee:
    """Make somebody an auditee."""
    return AuditAuditee(audit_id=audit_id, user_id=user_id)

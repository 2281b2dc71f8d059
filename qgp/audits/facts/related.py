"""What an audit's guards and report have to know of other rows, for many audits at once."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.actions.model import Action, ActionStatus
from qgp.attachments.model import Attachment, AttachmentState
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
from qgp.audits.model.terms import AuditTeamRole, SampleResult
from qgp.audits.policy import READ
from qgp.findings.model import ENDED, Finding, FindingClause, FindingStatus
from qgp.kit.loader import Among, VisibleRows, gathered
from qgp.kit.policy import QUALITY, Principal, Role
from qgp.kit.visibility import limits_of
from qgp.organizations.model import Department
from qgp.processes.model import Process
from qgp.signatures.model import Signature
from qgp.standards.model import Clause, Standard
from qgp.users.model import User

FIT = {
    AuditTeamRole.LEAD: frozenset({Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}),
    AuditTeamRole.AUDITOR: QUALITY | {Role.LEAD_AUDITOR, Role.AUDITOR},
}


def _clauses(among: Among) -> Any:
    return sa.select(AuditClause.audit_id, AuditClause.id).where(among(AuditClause.audit_id))


def _partial(among: Among) -> Any:
    """Select who of the team belongs to what is audited, or below it, or owns the process."""
    area: Any = sa.select(Audit.id.label("audit_id"), Audit.department_id.label("department_id"))
    area = area.where(among(Audit.id), Audit.department_id.is_not(None)).cte("area", recursive=True)
    below: Any = sa.select(area.c.audit_id, Department.id)
    area = area.union(below.join(area, Department.parent_id == area.c.department_id))
    belongs = sa.exists().where(
        area.c.audit_id == AuditTeamMember.audit_id, area.c.department_id == User.department_id
    )
    owns = sa.exists().where(
        Process.id == Audit.process_id, Process.owner_id == AuditTeamMember.user_id
    )
    owns = owns.correlate(Audit, AuditTeamMember)
    told: Any = sa.select(
        Audit.id, AuditTeamMember.id, AuditTeamMember.user_id, User.name, owns.label("owns")
    )
    told = told.join(AuditTeamMember, AuditTeamMember.audit_id == Audit.id)
    told = told.join(User, User.id == AuditTeamMember.user_id)
    told = told.where(among(Audit.id), AuditTeamMember.override_reason.is_(None))
    return told.where(sa.or_(belongs, owns)).order_by(User.name, AuditTeamMember.id)


def _unfit(among: Among) -> Any:
    told: Any = sa.select(
        AuditTeamMember.audit_id, AuditTeamMember.id, User.name, User.role, AuditTeamMember.role
    )
    told = told.join(User, User.id == AuditTeamMember.user_id).where(
        among(AuditTeamMember.audit_id),
        sa.or_(
            *[
                sa.and_(AuditTeamMember.role == place, User.role.not_in(roles))
                for place, roles in FIT.items()
            ]
        ),
    )
    return told.order_by(User.name, AuditTeamMember.id)


def _findings(among: Among) -> Any:
    """Select the findings that stand, each with how many actions it has and what it comes from."""
    actions = sa.select(sa.func.count()).select_from(Action)
    actions = actions.where(
        Action.finding_id == Finding.id, Action.status != ActionStatus.CANCELLED
    )
    told: Any = sa.select(
        Finding.audit_id,
        Finding.response_id,
        Finding.grade,
        Finding.status,
        actions.scalar_subquery(),
        Finding.source_type,
    )
    return told.where(among(Finding.audit_id), Finding.status != FindingStatus.VOID)


def _visible_findings(caller: Principal, among: Among) -> Any:
    return _findings(among).where(*limits_of(Finding, caller))


def _listed(caller: Principal, among: Among) -> Any:
    """Select the findings that stand, as a report lists them, each with its primary clause."""
    told: Any = sa.select(
        *(Finding.audit_id, Finding.reference, Finding.grade, Finding.title, Finding.status),
        *(Standard.code, Clause.number, Clause.title),
    )
    link = sa.and_(FindingClause.finding_id == Finding.id, FindingClause.is_primary)
    told = told.outerjoin(FindingClause, link)
    told = told.outerjoin(Clause, Clause.id == FindingClause.clause_id)
    told = told.outerjoin(Standard, Standard.id == Clause.standard_id)
    told = told.where(among(Finding.audit_id), Finding.status != FindingStatus.VOID)
    told = told.where(*limits_of(Finding, caller))
    return told.order_by(Finding.detected_on, Finding.id)


def _photographed(among: Among) -> Any:
    """Select the answers that have a photo: an image of theirs whose bytes are here."""
    told: Any = sa.select(AuditResponse.audit_id, AuditResponse.id)
    photos = sa.exists().where(
        Attachment.subject_id == AuditResponse.id,
        Attachment.state == AttachmentState.STORED,
        Attachment.mime.startswith("image/", autoescape=True),
    )
    return told.where(among(AuditResponse.audit_id), photos)


def _drafts(among: Among) -> Any:
    told: Any = sa.select(Finding.audit_id, Finding)
    told = told.where(among(Finding.audit_id), Finding.status == FindingStatus.DRAFT)
    return told.order_by(Finding.reference)


def _unended(among: Among) -> Any:
    told: Any = sa.select(Finding.audit_id, Finding.id, Finding.reference, Finding.status)
    told = told.where(among(Finding.audit_id), Finding.status.not_in(ENDED))
    return told.order_by(Finding.reference)


def _team(among: Among) -> Any:
    member = AuditTeamMember
    told: Any = sa.select(member.audit_id, User.id, User.name, member.role, member.override_reason)
    told = told.join(User, User.id == member.user_id)
    return told.where(among(member.audit_id)).order_by(member.id)


def _reviewer(among: Among) -> Any:
    told: Any = sa.select(Audit.id, User.name).join(User, User.id == Audit.reviewed_by_id)
    return told.where(among(Audit.id))


def _signatures(among: Among) -> Any:
    """Select who signed what of the audit, the earliest first."""
    it = Signature
    told: Any = sa.select(it.subject_id, it.printed_name, it.meaning, it.signed_at)
    told = told.where(among(it.subject_id), it.subject_type == Audit.prefix)
    return told.order_by(it.signed_at, it.id)


def _partakers(among: Among) -> Any:
    """Select who took part: the team, whoever answered, and whoever overrode the score."""
    member, said = AuditTeamMember, AuditResponse
    told: Any = sa.select(member.audit_id, member.user_id).where(among(member.audit_id))
    answered: Any = sa.select(said.audit_id, said.answered_by_id).where(among(said.audit_id))
    led: Any = sa.select(Audit.id, Audit.lead_auditor_id)
    overrode: Any = sa.select(Audit.id, Audit.overridden_by_id).where(among(Audit.id))
    found = sa.union(told, answered, led.where(among(Audit.id)), overrode).subquery("partakers")
    return sa.select(found.c.audit_id, found.c.user_id)


def _auditees(among: Among) -> Any:
    told: Any = sa.select(AuditAuditee.audit_id, User.name)
    told = told.join(User, User.id == AuditAuditee.user_id)
    return told.where(among(AuditAuditee.audit_id)).order_by(User.name, AuditAuditee.id)


def _standards(among: Among) -> Any:
    told: Any = sa.select(AuditStandard.audit_id, Standard.code)
    told = told.join(Standard, Standard.id == AuditStandard.standard_id)
    return told.where(among(AuditStandard.audit_id)).order_by(Standard.code)


def _covered(among: Among) -> Any:
    told: Any = sa.select(AuditClause.audit_id, Standard.code, Clause.number, Clause.title)
    told = told.join(Clause, Clause.id == AuditClause.clause_id)
    told = told.join(Standard, Standard.id == Clause.standard_id)
    return told.where(among(AuditClause.audit_id)).order_by(Standard.code, Clause.sort_key)


def _samples(among: Among) -> Any:
    """Select the samples, each with how many items were looked at, and did not conform."""
    looked = sa.func.count(SampleItem.result)
    bad = sa.func.count().filter(SampleItem.result == SampleResult.NONCONFORMING)
    told: Any = sa.select(SampleSet.audit_id, SampleSet, looked, bad)
    told = told.join(SampleItem, SampleItem.sample_set_id == SampleSet.id)
    told = told.where(among(SampleSet.audit_id))
    return told.group_by(SampleSet.organization_id, SampleSet.id).order_by(
        SampleSet.created_at, SampleSet.id
    )


clauses = gathered(READ, _clauses)
team = gathered(READ, _team)
reviewer = gathered(READ, _reviewer)
signatures = gathered(READ, _signatures)
partakers = gathered(READ, _partakers)
auditees = gathered(READ, _auditees)
standards = gathered(READ, _standards)
covered = gathered(READ, _covered)
samples = gathered(READ, _samples)
partial = gathered(READ, _partial)
unfit = gathered(READ, _unfit)
findings = gathered(READ, _findings)
photographed = gathered(READ, _photographed)
drafts = gathered(READ, _drafts)
unended = gathered(READ, _unended)
visible_findings = VisibleRows(READ, _visible_findings)
listed = VisibleRows(READ, _listed)


def by_response(found: Iterable[Any]) -> Mapping[UUID, int]:
    """Return for each answer with a finding how many actions its findings have."""
    counts: dict[UUID, int] = {}
    for response_id, _, _, actions, _ in found:
        if response_id is not None:
            counts[response_id] = counts.get(response_id, 0) + actions
    return counts

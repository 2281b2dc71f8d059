"""Commands on audit team members (ISO 9001:2015, 9.2.2 c)."""

from uuid import UUID

from qgp.audits.commands.audits import changeable_audit
from qgp.audits.commands.team import fit, leave_room, members
from qgp.audits.model import Audit, AuditTeamMember
from qgp.audits.model.terms import UNBEGUN, AuditStatus, AuditTeamRole
from qgp.audits.policy import OVERRIDE_CONFLICT, READ_TEAM
from qgp.kit.errors import Forbidden, Invalid
from qgp.kit.work import Work


async def add(
    work: Work,
    *,
    audit_id: UUID,
    user_id: UUID,
    role: AuditTeamRole,
    override_reason: str | None,
) -> AuditTeamMember:
    """Add a member to the audit team.

    Raises:
        Invalid: the user is not impartial and there is no override; the role is LEAD; the fieldwork
            is completed; the team has 50 members.
        Forbidden: the caller may not change the audit, or overrides without being administrator, or
            for themselves.
        NotFound: no such audit or user.
        AlreadyExists: the user is a member.
    """
    audit = await _open(work, audit_id, "auditId")
    _no_lead(role)
    overridden_by_id = _overriding(work, override_reason, user_id)
    leave_room(await members(work, audit), "userId")
    work.set_reason(override_reason)
    member = await work.add(
        AuditTeamMember(
            audit_id=audit.id,
            user_id=user_id,
            role=role,
            override_reason=override_reason,
            overridden_by_id=overridden_by_id,
        )
    )
    await fit(work, audit, user_id, "userId")
    await work.touch(audit)
    return member


async def change(
    work: Work, *, id: UUID, expected_version: int, role: AuditTeamRole
) -> AuditTeamMember:
    """Change the role of a member.

    Raises:
        Invalid: from or to LEAD; the fieldwork is completed, or has started and the user's role in
            the organization does not allow the new one.
        Forbidden: the caller may not change the audit.
    """
    member, audit = await _of(work, id, expected_version)
    _no_lead(role)
    _no_lead(member.role)
    await work.change(member, {"role": role})
    await fit(work, audit, member.user_id, "role")
    await work.touch(audit)
    return member


async def override_conflict(
    work: Work, *, id: UUID, expected_version: int, reason: str
) -> AuditTeamMember:
    """Record why a member is impartial although tied to the subject of the audit.

    Raises:
        Invalid: the report is issued, or the audit cancelled.
        Forbidden: the caller is the member.
    """
    member = await work.get(AuditTeamMember, id, expected_version=expected_version, read=READ_TEAM)
    audit = await changeable_audit(work, member.audit_id)
    _require_another(work, member.user_id, "id")
    work.set_reason(reason)
    by = {"override_reason": reason, "overridden_by_id": work.caller.user_id}
    await work.change(member, by)
    await work.touch(audit)
    return member


async def remove(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """Remove a member, and return the audit; the audit trail keeps the membership.

    Raises:
        Invalid: the member is the lead auditor; the fieldwork is completed.
        Forbidden: the caller may not change the audit.
    """
    member, audit = await _of(work, id, expected_version)
    _no_lead(member.role)
    await work.remove(member)
    return await work.touch(audit)


async def _of(work: Work, id: UUID, expected_version: int) -> tuple[AuditTeamMember, Audit]:
    member = await work.get(AuditTeamMember, id, expected_version=expected_version, read=READ_TEAM)
    return member, await _open(work, member.audit_id, "id")


async def _open(work: Work, id: UUID, path: str) -> Audit:
    audit = await changeable_audit(work, id, path=path)
    if audit.status not in UNBEGUN | {AuditStatus.IN_PROGRESS}:
        raise Invalid(
            f"{audit.reference} is {audit.status.value}. The audit team changes up to IN_PROGRESS "
            "only; leave it as it is.",
            path,
        )
    return audit


def _require_another(work: Work, user_id: UUID, path: str) -> None:
    """Refuse to override the caller's own missing impartiality."""
    if user_id == work.caller.user_id:
        message = (
            "Segregation of duties: you are the member who is tied to the subject of the audit. "
            "Ask another administrator to override it, or choose another member."
        )
        raise Forbidden(message, path)


def _overriding(work: Work, reason: str | None, user_id: UUID) -> UUID | None:
    if reason is None:
        return None
    if not work.caller.may(OVERRIDE_CONFLICT):
        message = (
            "You may not override a member's missing impartiality. Administrators do; ask one, or "
            "leave overrideReason out."
        )
        raise Forbidden(message, "overrideReason")
    _require_another(work, user_id, "overrideReason")
    return work.caller.user_id


def _no_lead(role: AuditTeamRole) -> None:
    if role is AuditTeamRole.LEAD:
        message = (
            "The role LEAD cannot be given or taken here. The audit names its lead auditor; use "
            "auditUpdate with leadAuditorId."
        )
        raise Invalid(message, "role")

"""Commands on the team of an audit (ISO 9001:2015, 9.2.2 c)."""

from uuid import UUID

from qgp.audits.commands.audits import own
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
    """Let somebody join the team.

    Raises:
        Invalid: they belong to what is audited and nobody says why it does no harm; the role is
            LEAD; the audit is past its fieldwork; the team has 50 people.
        Forbidden: it is not the caller's audit, or somebody else than an administrator says why.
        NotFound: no such audit or user.
        AlreadyExists: they are on the team.
    """
    audit = await _open(work, audit_id, "auditId")
    _no_lead(role)
    overridden_by_id = _overriding(work, override_reason)
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
    """Give somebody of the team another role.

    Raises:
        Invalid: from or to LEAD; the audit is past its fieldwork, or runs and the role in the
            organization does not allow the new one.
        Forbidden: it is not the caller's audit.
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
    """Say why it does no harm that somebody of the team belongs to what is audited.

    Raises:
        Invalid: the audit is past its fieldwork.
    """
    member, audit = await _of(work, id, expected_version)
    work.set_reason(reason)
    by = {"override_reason": reason, "overridden_by_id": work.caller.user_id}
    await work.change(member, by)
    await work.touch(audit)
    return member


async def remove(work: Work, *, id: UUID, expected_version: int) -> Audit:
    """Let somebody leave the team, and return the audit; the trail keeps that they were on it.

    Raises:
        Invalid: they lead it; the audit is past its fieldwork.
        Forbidden: it is not the caller's audit.
    """
    member, audit = await _of(work, id, expected_version)
    _no_lead(member.role)
    await work.remove(member)
    return await work.touch(audit)


async def _of(work: Work, id: UUID, expected_version: int) -> tuple[AuditTeamMember, Audit]:
    member = await work.get(AuditTeamMember, id, expected_version=expected_version, read=READ_TEAM)
    return member, await _open(work, member.audit_id, "id")


async def _open(work: Work, id: UUID, path: str) -> Audit:
    audit = await own(work, id, path=path)
    if audit.status not in UNBEGUN | {AuditStatus.IN_PROGRESS}:
        raise Invalid(f"This audit is {audit.status.value}; its team stays.", path)
    return audit


def _overriding(work: Work, reason: str | None) -> UUID | None:
    if reason is None:
        return None
    if not work.caller.may(OVERRIDE_CONFLICT):
        told = "Only an administrator says why somebody may audit their own. Ask one."
        raise Forbidden(told, "overrideReason")
    return work.caller.user_id


def _no_lead(role: AuditTeamRole) -> None:
    if role is AuditTeamRole.LEAD:
        told = "The lead is named by the audit. Use auditUpdate with leadAuditorId."
        raise Invalid(told, "role")

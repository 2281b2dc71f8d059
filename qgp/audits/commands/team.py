"""Lead auditor, impartiality and competence of an audit team (ISO 9001:2015, 9.2.2 c)."""

from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts import related
from qgp.audits.guards import bond
from qgp.audits.model import Audit, AuditTeamMember
from qgp.audits.model.terms import UNBEGUN, AuditTeamRole
from qgp.kit.assignment import require_assignable
from qgp.kit.errors import Invalid, require_at_most
from qgp.kit.open_work import hand_over_of
from qgp.kit.work import Work

MOST = 50


async def lead(work: Work, audit: Audit, user_id: UUID | None) -> None:
    """Set the lead auditor; the former one leaves the team. None leaves the audit without one.

    Raises:
        Invalid: the user is not impartial.
        NotFound: no such user.
    """
    path = "leadAuditorId"
    rows = await members(work, audit)
    for row in rows:
        if row.role is AuditTeamRole.LEAD:
            await work.remove(row)
    if user_id is not None:
        await require_assignable(work, user_id, path)
        member = next((row for row in rows if row.user_id == user_id), None)
        if member is None:
            leave_room(rows, path)
            await work.add(
                AuditTeamMember(audit_id=audit.id, user_id=user_id, role=AuditTeamRole.LEAD)
            )
        else:
            await work.change(member, {"role": AuditTeamRole.LEAD})
        await fit(work, audit, user_id, path)
    await work.change(audit, {"lead_auditor_id": user_id})


@hand_over_of(Audit)
async def hand_over(work: Work, audit: Audit, successor_id: UUID, path: str) -> None:
    """Hand over an audit to another lead auditor.

    Raises:
        Invalid: the successor is not impartial, or does not qualify as lead auditor.
    """
    try:
        await lead(work, audit, successor_id)
        await fit(work, audit, successor_id, path, is_qualified=True)
    except Invalid as refusal:
        refusal.message = f"{audit.reference}: {refusal.message}"
        refusal.path = (path,)
        raise


async def forget_overrides(work: Work, audit: Audit) -> None:
    """Revoke the impartiality overrides, which concern the former subject of the audit."""
    for row in await members(work, audit):
        if row.override_reason is not None:
            await work.change(row, {"override_reason": None, "overridden_by_id": None})


async def members(work: Work, audit: Audit) -> list[AuditTeamMember]:
    """Return the team in the order of joining."""
    statement = sa.select(AuditTeamMember).where(AuditTeamMember.audit_id == audit.id)
    return list(await work.rows(statement.order_by(AuditTeamMember.id)))


async def fit(
    work: Work, audit: Audit, user_id: UUID, path: str, *, is_qualified: bool = False
) -> None:
    """Check that a user may be on the team in their role.

    Args:
        is_qualified: whether the user's role in the organization has to allow the one on the team
            also before the start of the fieldwork, which looks at it.

    Raises:
        Invalid: the user is not impartial, or not qualified.
    """
    for tied in await work.load(related.members_with_ties, audit.id):
        if tied.user_id == user_id:
            message = (
                f"{tied.name} {bond(owns=tied.owns_process)}. The audit team is impartial "
                "(ISO 9001:2015, 9.2.2 c). Choose another member, or let an administrator "
                "add them with an overrideReason (auditTeamMemberAdd)."
            )
            raise Invalid(message, path)
    if audit.status in UNBEGUN and not is_qualified:
        return  # the start looks at it
    rows = await work.load(related.unqualified_members, audit.id)
    unfit = {row.member_id: row.name for row in rows}
    for row in await members(work, audit):
        if row.user_id == user_id and row.id in unfit:
            message = (
                f"{unfit[row.id]} may not be {row.role.value} of an audit team with their role in "
                "the organization. Choose another user or another role."
            )
            raise Invalid(message, path)


def leave_room(rows: list[AuditTeamMember], path: str) -> None:
    """Check that the team has room for one more member."""
    require_at_most(
        MOST,
        len(rows) + 1,
        f"The audit team has {MOST} members. It has at most {MOST}; remove one first "
        "(auditTeamMemberRemove).",
        path,
    )

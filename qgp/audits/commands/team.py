"""Who audits: a lead and a team that has no part in what is audited (ISO 9001:2015, 9.2.2 c)."""

from uuid import UUID

import sqlalchemy as sa

from qgp.audits.facts import related
from qgp.audits.guards import bond
from qgp.audits.model import Audit, AuditTeamMember
from qgp.audits.model.terms import UNBEGUN, AuditTeamRole
from qgp.kit.errors import Invalid, require_at_most
from qgp.kit.work import Work
from qgp.users.facts import require_user_unfiltered

MOST = 50


async def lead(work: Work, audit: Audit, user_id: UUID | None) -> None:
    """Let somebody lead the audit in place of whoever did, who leaves the team; None for nobody.

    Raises:
        Invalid: they belong to what is audited.
        NotFound: no such user.
    """
    path = "leadAuditorId"
    rows = await members(work, audit)
    for row in rows:
        if row.role is AuditTeamRole.LEAD:
            await work.remove(row)
    if user_id is not None:
        await require_user_unfiltered(work, user_id, path)
        here = next((row for row in rows if row.user_id == user_id), None)
        if here is None:
            leave_room(rows, path)
            await work.add(
                AuditTeamMember(audit_id=audit.id, user_id=user_id, role=AuditTeamRole.LEAD)
            )
        else:
            await work.change(here, {"role": AuditTeamRole.LEAD})
        await fit(work, audit, user_id, path)
    await work.change(audit, {"lead_auditor_id": user_id})


async def forget_overrides(work: Work, audit: Audit) -> None:
    """Take back what was said of another subject than the audit has now."""
    for row in await members(work, audit):
        if row.override_reason is not None:
            await work.change(row, {"override_reason": None, "overridden_by_id": None})


async def members(work: Work, audit: Audit) -> list[AuditTeamMember]:
    """Return the team, in the order that it was put together in."""
    wanted = sa.select(AuditTeamMember).where(AuditTeamMember.audit_id == audit.id)
    return list(await work.rows(wanted.order_by(AuditTeamMember.id)))


async def fit(work: Work, audit: Audit, user_id: UUID, path: str) -> None:
    """Make sure that somebody of the team may be on it.

    Raises:
        Invalid: they belong to what is audited; or the audit runs, and their role in the
            organization does not let them be what they are on the team.
    """
    for _, who, name, owns in await work.load(related.partial, audit.id):
        if who == user_id:
            told = f"{name} {bond(owns=owns)}. Choose somebody else, or ask an administrator."
            raise Invalid(told, path)
    if audit.status in UNBEGUN:
        return  # the start looks at it
    unfit = {id: name for id, name, *_ in await work.load(related.unfit, audit.id)}
    for row in await members(work, audit):
        if row.user_id == user_id and row.id in unfit:
            told = f"The role of {unfit[row.id]} does not let them audit. Choose another."
            raise Invalid(told, path)


def leave_room(rows: list[AuditTeamMember], path: str) -> None:
    """Raise Invalid where the team is as large as it can be."""
    require_at_most(MOST, len(rows) + 1, f"A team has at most {MOST} people.", path)

"""The steps of a version, from the draft to its retirement."""

from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.work import Work
from qgp.templates.model import AuditTemplate, TemplateVersion
from qgp.templates.terms import TemplateVersionStatus


async def submit(work: Work, *, id: UUID, expected_version: int) -> TemplateVersion:
    """Ask for approval; nothing in the version changes meanwhile.

    Raises:
        TransitionNotAllowed: it asks nothing, or something in it is incomplete.
    """
    version = await work.get(TemplateVersion, id, expected_version=expected_version)
    by = work.caller.user_id
    return await work.move(version, "templateVersionSubmit", submitted_by_id=by)


async def reject(work: Work, *, id: UUID, expected_version: int, reason: str) -> TemplateVersion:
    """Send a version back to be written on."""
    version = await work.get(TemplateVersion, id, expected_version=expected_version)
    return await work.move(version, "templateVersionReject", reason=reason)


async def publish(work: Work, *, id: UUID, expected_version: int) -> TemplateVersion:
    """Approve a version; it takes the place of the one that is published.

    Raises:
        TransitionNotAllowed: the caller asked for the approval, or the template is archived.
    """
    version = await work.get(TemplateVersion, id, expected_version=expected_version)
    await work.get(AuditTemplate, version.template_id)  # one version is published at a time
    before = sa.select(TemplateVersion).where(
        TemplateVersion.template_id == version.template_id,
        TemplateVersion.status == TemplateVersionStatus.PUBLISHED,
    )
    today, by = clock.today(work.caller.zone), work.caller.user_id
    for old in await work.rows(before):  # if the version cannot follow, all of it is undone
        told = f"Version {version.number} takes its place."
        await work.move(old, "templateVersionRetire", reason=told, retired_on=today)
    return await work.move(version, "templateVersionPublish", approved_by_id=by, published_on=today)


async def retire(work: Work, *, id: UUID, expected_version: int, reason: str) -> TemplateVersion:
    """Take a published version out of use, without another one in its place."""
    version = await work.get(TemplateVersion, id, expected_version=expected_version)
    today = clock.today(work.caller.zone)
    return await work.move(version, "templateVersionRetire", reason=reason, retired_on=today)

"""The rule behind the publication of a template version."""

import sqlalchemy as sa

from qgp.kit.work import Work
from qgp.templates.model import AuditTemplate, TemplateVersion
from qgp.templates.terms import TemplateVersionStatus


async def publish(work: Work, version: TemplateVersion) -> TemplateVersion:
    """Publish a version; it takes the place of the one that is published.

    Raises:
        TransitionNotAllowed: the caller asked for the approval, or the template is archived.
    """
    await work.get(AuditTemplate, version.template_id)  # one version is published at a time
    before = sa.select(TemplateVersion).where(
        TemplateVersion.template_id == version.template_id,
        TemplateVersion.status == TemplateVersionStatus.PUBLISHED,
    )
    for old in await work.rows(before):  # if the version cannot follow, all of it is undone
        reason = f"Version {version.number} takes its place."
        await work.move(old, "templateVersionRetire", reason=reason)
    return await work.move(version, "templateVersionPublish")

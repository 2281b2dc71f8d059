"""Commands on audits: what they say, whom and what they concern (ISO 9001:2015, 9.2.2)."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.commands import team
from qgp.audits.facts import related
from qgp.audits.model import Audit, AuditAuditee, AuditClause, AuditStandard
from qgp.audits.model.terms import (
    UNBEGUN,
    UNSUBMITTED,
    AuditSource,
    AuditStatus,
    AuditType,
)
from qgp.audits.policy import AUDITORS, DRAFTABLE, READ, is_draftable
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, Required
from qgp.kit.links import Links
from qgp.kit.names import to_camel
from qgp.kit.work import Work
from qgp.standards.facts import why_unusable
from qgp.templates.facts import require_published

MOST = 50
MOST_CLAUSES = 200
_OPEN_TO_THE_END = frozenset({"title", "opening_notes", "closing_notes", "conclusion"})
_OPEN_TO_THE_END |= {"external_reference", "auditee_ids"}
_ANNOUNCED = frozenset({"planned_start_on", "planned_end_on", "lead_auditor_id", "scope"})


_LINKS = {
    "standard_ids": Links(AuditStandard, "audit_id", "standard_id", MOST, "standardIds"),
    "clause_ids": Links(
        AuditClause, "audit_id", "clause_id", MOST_CLAUSES, "clauseIds", why_unusable
    ),
    "auditee_ids": Links(AuditAuditee, "audit_id", "user_id", MOST, "auditeeIds"),
}


async def create(work: Work, *, lead_auditor_id: UUID | None, **values: Any) -> Audit:
    """Plan an audit.

    Raises:
        Invalid: days out of order, a template version that is not published, something named
            twice or too often, or a lead who belongs to what is audited.
        NotFound: it points at something that is not there.
    """
    links = {name: values.pop(name) for name in _LINKS}
    await require_published(work, values["template_version_id"], "templateVersionId")
    audit = await work.add(Audit(status=AuditStatus.PLANNED, **values))
    for name, wanted in links.items():
        await _LINKS[name].rewrite(work, audit.id, wanted)
    if lead_auditor_id is not None:
        await team.lead(work, audit, lead_auditor_id)
    return audit


async def create_internal(
    work: Work, *, type: AuditType | None, process_id: UUID | None, **values: Any
) -> Audit:
    """Plan an audit of one's own; if `type` is None, of the process, or else of the system.

    Raises:
        Invalid, NotFound: see `create`.
    """
    usual = AuditType.SYSTEM if process_id is None else AuditType.PROCESS
    values |= {"type": type or usual, "source": AuditSource.FIRST_PARTY}
    return await create(work, process_id=process_id, **values)


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Audit:
    """Change what an audit says, as far as its state leaves it open.

    Raises:
        Invalid: it is reported, or begun and this was settled before; announced and would lose
            what it was announced with; and what `create` refuses.
        Forbidden: an auditor changes an audit that is not their own.
        NotFound: it points at something that is not there.
    """
    audit = await own(work, id, expected_version=expected_version)
    links = {name: changes.pop(name) for name in _LINKS if name in changes}
    changes = {name: value for name, value in changes.items() if value != getattr(audit, name)}
    _keep_what_was_settled(audit, {*changes, *links})
    _keep_what_was_announced(audit, changes)
    await require_published(work, changes.get("template_version_id"), "templateVersionId")
    if "lead_auditor_id" in changes:
        await team.lead(work, audit, changes.pop("lead_auditor_id"))
    if {"department_id", "process_id"} & changes.keys():
        await team.forget_overrides(work, audit)
    linked = [await _LINKS[name].rewrite(work, audit.id, wanted) for name, wanted in links.items()]
    if any(linked):
        changes["updated_at"] = clock.now()  # the version counts changes of the links too
    await work.change(audit, changes)
    if "clause_ids" in links or "template_version_id" in changes:
        await _keep_a_subject(work, audit)
    return audit


async def seen(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> Audit:
    """Return an audit that the caller may see, locked; `path` locates its id.

    Raises:
        NotFound: there is none, or it is hidden from the caller.
        StaleVersion: it has another version than the caller expected.
    """
    return await work.get(Audit, id, expected_version=expected_version, path=path, read=READ)


async def own(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> Audit:
    """Return an audit that the caller may change, locked.

    Raises:
        Forbidden: an auditor who neither leads nor planned it.
        Invalid: it is reported or cancelled.
        NotFound, StaleVersion: see `seen`.
    """
    audit = await work.get_open(Audit, id, expected_version=expected_version, path=path)
    is_own = work.caller.user_id in {audit.lead_auditor_id, audit.created_by_id}
    if work.caller.role in AUDITORS and not is_own:
        told = "Auditors change the audits that they lead or planned. Ask its lead."
        raise Forbidden(told, path)
    return audit


async def planned(work: Work, id: UUID, *, path: str) -> Audit:
    """Return an audit that is PLANNED and that the caller may change, locked.

    Raises:
        Invalid: it is in another state.
        Forbidden, NotFound: see `own`.
    """
    audit = await own(work, id, path=path)
    if audit.status is not AuditStatus.PLANNED:
        raise Invalid(f"This audit is {audit.status.value}. Choose one that is PLANNED.", path)
    return audit


async def draftable(work: Work, id: UUID, *, expected_version: int) -> Audit:
    """Return an audit whose failing answers the caller may have findings drafted of, locked.

    Raises:
        Invalid: its fieldwork is not under way, nor just done.
        Forbidden: the caller is neither quality nor on the team, or only looks on.
        NotFound, StaleVersion: see `seen`.
    """
    audit = await seen(work, id, expected_version=expected_version)
    if audit.status not in DRAFTABLE:
        message = f"This audit is {audit.status.value}; findings are drafted while it is"
        raise Invalid(f"{message} IN_PROGRESS or FIELDWORK_DONE.", "id")
    may = sa.select(Audit.id).where(Audit.id == id, is_draftable(Audit, work.caller))
    if not await work.rows(may):
        message = "The team of an audit does this, but for observers, or quality. Ask its lead."
        raise Forbidden(message, "id")
    return audit


def _keep_what_was_settled(audit: Audit, names: set[str]) -> None:
    settled = names - _OPEN_TO_THE_END
    if audit.status in UNSUBMITTED:
        settled -= {"lead_auditor_id"}  # who left signs nothing
    if audit.status not in UNBEGUN and settled:
        told = f"This audit is {audit.status.value}; what it was started with stays."
        raise Invalid(told, to_camel(min(settled)))


def _keep_what_was_announced(audit: Audit, changes: dict[str, Any]) -> None:
    if audit.status is AuditStatus.PLANNED:
        return
    for name in sorted(_ANNOUNCED & changes.keys()):
        if changes[name] is None:
            told = "A scheduled audit keeps this. Put something else in its place."
            raise Required(told, to_camel(name))


async def _keep_a_subject(work: Work, audit: Audit) -> None:
    if audit.status is AuditStatus.PLANNED or audit.template_version_id is not None:
        return
    if not await work.load(related.clauses, audit.id):
        told = "A scheduled audit is held against something. Leave a clause or a template version."
        raise Invalid(told, "clauseIds")

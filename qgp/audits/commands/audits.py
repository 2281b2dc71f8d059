"""Commands that plan and change audits (ISO 9001:2015, 9.2.2)."""

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
        Invalid: planned dates out of order, a template version that is not PUBLISHED, a standard,
            clause or auditee named twice, too many of them, or a lead auditor who is not impartial.
        NotFound: a record that the audit refers to does not exist.
    """
    links = {name: values.pop(name) for name in _LINKS}
    await require_published(work, values["template_version_id"], "templateVersionId")
    audit = await work.add(Audit(status=AuditStatus.PLANNED, **values))
    for name, ids in links.items():
        await _LINKS[name].rewrite(work, audit.id, ids)
    if lead_auditor_id is not None:
        await team.lead(work, audit, lead_auditor_id)
    return audit


async def create_internal(
    work: Work, *, type: AuditType | None, process_id: UUID | None, **values: Any
) -> Audit:
    """Plan an internal audit; a `type` of None becomes PROCESS if a process is named, else SYSTEM.

    Raises:
        Invalid, NotFound: see `create`.
    """
    usual = AuditType.SYSTEM if process_id is None else AuditType.PROCESS
    values |= {"type": type or usual, "source": AuditSource.FIRST_PARTY}
    return await create(work, process_id=process_id, **values)


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Audit:
    """Change the fields of an audit that its status leaves open.

    Raises:
        Invalid: the report is issued; the fieldwork has started and the field is fixed; the audit
            is announced and would lose what the announcement requires; and as `create`.
        Forbidden: an auditor who neither leads nor created the audit.
        NotFound: a record that the audit refers to does not exist.
    """
    audit = await changeable_audit(work, id, expected_version=expected_version)
    links = {name: changes.pop(name) for name in _LINKS if name in changes}
    changes = {name: value for name, value in changes.items() if value != getattr(audit, name)}
    _keep_what_was_settled(audit, {*changes, *links})
    _keep_what_was_announced(audit, changes)
    await require_published(work, changes.get("template_version_id"), "templateVersionId")
    if "lead_auditor_id" in changes:
        await team.lead(work, audit, changes.pop("lead_auditor_id"))
    if {"department_id", "process_id"} & changes.keys():
        await team.forget_overrides(work, audit)
    linked = [await _LINKS[name].rewrite(work, audit.id, ids) for name, ids in links.items()]
    if any(linked):
        changes["updated_at"] = clock.now()  # the version counts changes of the links too
    await work.change(audit, changes)
    if "clause_ids" in links or "template_version_id" in changes:
        await _keep_a_subject(work, audit)
    return audit


async def visible_audit(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> Audit:
    """Return an audit visible to the caller, locked; `path` locates its id.

    Raises:
        NotFound: no such audit visible to the caller.
        StaleVersion: its version differs from the expected one.
    """
    return await work.get(Audit, id, expected_version=expected_version, path=path, read=READ)


async def changeable_audit(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> Audit:
    """Return an audit that the caller may change, locked.

    Raises:
        Forbidden: an auditor who neither leads nor created it.
        Invalid: its report is issued, or it is cancelled.
        NotFound, StaleVersion: see `visible_audit`.
    """
    audit = await work.get_open(Audit, id, expected_version=expected_version, path=path)
    is_own = work.caller.user_id in {audit.lead_auditor_id, audit.created_by_id}
    if work.caller.role in AUDITORS and not is_own:
        message = (
            "You neither lead nor created this audit. LEAD_AUDITOR and AUDITOR change only such "
            "audits; ask its lead auditor."
        )
        raise Forbidden(message, path)
    return audit


async def planned_audit(work: Work, id: UUID, *, path: str) -> Audit:
    """Return an audit that is PLANNED and changeable by the caller, locked.

    Raises:
        Invalid: it has another status.
        Forbidden, NotFound: see `changeable_audit`.
    """
    audit = await changeable_audit(work, id, path=path)
    if audit.status is not AuditStatus.PLANNED:
        raise Invalid(
            f"{audit.reference} is {audit.status.value}. Only a PLANNED audit is linked to a "
            "programme item; choose another.",
            path,
        )
    return audit


async def draftable_audit(work: Work, id: UUID, *, expected_version: int) -> Audit:
    """Return an audit for whose failing responses the caller may draft findings, locked.

    Raises:
        Invalid: it is neither IN_PROGRESS nor FIELDWORK_DONE.
        Forbidden: the caller has no quality role and is not on the audit team, or an observer.
        NotFound, StaleVersion: see `visible_audit`.
    """
    audit = await visible_audit(work, id, expected_version=expected_version)
    if audit.status not in DRAFTABLE:
        message = f"This audit is {audit.status.value}; findings are drafted while it is"
        raise Invalid(f"{message} IN_PROGRESS or FIELDWORK_DONE.", "id")
    may = sa.select(Audit.id).where(Audit.id == id, is_draftable(Audit, work.caller))
    if not await work.rows(may):
        message = (
            "You may not draft findings of this audit. Quality roles and the audit team other "
            "than observers do; ask its lead auditor."
        )
        raise Forbidden(message, "id")
    return audit


def _keep_what_was_settled(audit: Audit, names: set[str]) -> None:
    settled = names - _OPEN_TO_THE_END
    if audit.status in UNSUBMITTED:
        settled -= {"lead_auditor_id"}  # who left signs nothing
    if audit.status not in UNBEGUN and settled:
        message = (
            f"{audit.reference} is {audit.status.value}. This field is fixed once the fieldwork "
            "has started; leave it out."
        )
        raise Invalid(message, to_camel(min(settled)))


def _keep_what_was_announced(audit: Audit, changes: dict[str, Any]) -> None:
    if audit.status is AuditStatus.PLANNED:
        return
    for name in sorted(_ANNOUNCED & changes.keys()):
        if changes[name] is None:
            message = (
                "An announced audit keeps planned dates, lead auditor and scope. Send another "
                "value instead of null."
            )
            raise Required(message, to_camel(name))


async def _keep_a_subject(work: Work, audit: Audit) -> None:
    if audit.status is AuditStatus.PLANNED or audit.template_version_id is not None:
        return
    if not await work.load(related.clauses, audit.id):
        message = (
            "An announced audit has at least a clause or a template version as audit criteria. "
            "Keep one of them."
        )
        raise Invalid(message, "clauseIds")

"""Commands on evidence: collect, describe better, withdraw, link to clauses."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.attachments.facts import VisibleAttachment, visible_attachment
from qgp.evidence.model import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceLinkStatus
from qgp.evidence.policy import READ, is_needed, lock_closed, reopening
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, Required
from qgp.kit.policy import QUALITY
from qgp.kit.subjects import Subject, columns_of, get_visible
from qgp.kit.work import Work
from qgp.standards.facts import require_in_use


async def create(
    work: Work,
    *,
    subject_id: Subject,
    kind: EvidenceKind,
    attachment_id: UUID | None = None,
    url: str | None = None,
    record_id: Subject | None = None,
    **values: Any,
) -> EvidenceItem:
    """Collect evidence about a record, now and by the caller.

    Args:
        work: the unit of work.
        subject_id: the record.
        kind: what it consists of.
        attachment_id: of a FILE, and of nothing else; its bytes have come.
        url: of a LINK, and of nothing else.
        record_id: of a RECORD, and of nothing else; another than the subject.
        values: further columns.

    Raises:
        NotFound: the caller does not see one of the records, or the file.
        Invalid: it is not what its kind says, or the period ends before it starts.
    """
    await get_visible(work, subject_id)
    file = None
    if attachment_id is not None:
        file = await visible_attachment(work, attachment_id, "attachmentId")
    if record_id is not None:
        await get_visible(work, record_id, "recordId")
    _is_of_its_kind(kind, attachmentId=attachment_id, url=url, recordId=record_id)
    if record_id == subject_id:
        raise Invalid("A record is no evidence about itself. Choose another.", "recordId")
    if file is not None:
        values |= _kept(file)
    about = columns_of(subject_id) | columns_of(record_id, "record")
    came: dict[str, Any] = {"collected_at": clock.now(), "collected_by_id": work.caller.user_id}
    return await work.add(EvidenceItem(kind=kind, url=url, **about, **came, **values))


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> EvidenceItem:
    """Describe an item better; what it is, and of what, stays.

    Raises:
        Forbidden: somebody else collected it, and the caller does not run quality.
        Invalid: it is withdrawn, or the period ends before it starts.
    """
    item = await _changeable(work, id, expected_version)
    return await work.change(item, changes)


async def withdraw(work: Work, *, id: UUID, expected_version: int, reason: str) -> EvidenceItem:
    """Let an item count no more; it stays, with the reason.

    Raises:
        Forbidden: somebody else collected it, and the caller does not run quality.
        Invalid: it is withdrawn already, or nothing else proves what is closed.
    """
    item = await _changeable(work, id, expected_version)
    await _spare(work, item)
    work.set_reason(reason)
    gone = {"withdrawn_at": clock.now(), "withdrawn_by_id": work.caller.user_id}
    return await work.change(item, {**gone, "withdrawal_reason": reason})


_OWN = {
    EvidenceKind.FILE: "attachmentId",
    EvidenceKind.LINK: "url",
    EvidenceKind.RECORD: "recordId",
}


def _is_of_its_kind(kind: EvidenceKind, **given: Any) -> None:
    own = _OWN[kind]
    for name, value in given.items():
        if (value is not None) != (name == own):
            told = f"Evidence of kind {kind.value} has `{own}` and nothing else of these."
            raise (Required if name == own else Invalid)(told, name)


def _kept(file: VisibleAttachment) -> dict[str, Any]:
    """Return what evidence keeps of a file that can be fetched."""
    if not file.is_stored:
        told = "This file cannot be fetched: it was deleted, or has not come yet. Send it first."
        raise Invalid(told, "attachmentId")
    return {"attachment_id": file.id, "sha256": file.sha256}


async def _spare(work: Work, item: EvidenceItem) -> None:
    """Refuse to take away what something was closed on."""
    await lock_closed(work, item.subject_type, item.subject_id)
    wanted = sa.select(EvidenceItem.id).where(EvidenceItem.id == item.id, is_needed(EvidenceItem))
    if await work.rows(wanted):
        told = (
            f"{item.reference} proves what is closed. Collect other evidence about it first "
            f"(evidenceItemCreate), or {reopening(item.subject_type)}."
        )
        raise Invalid(told, "id")


async def _changeable(work: Work, id: UUID, expected_version: int) -> EvidenceItem:
    """Return an item that the caller may change, locked."""
    item = await work.get(EvidenceItem, id, expected_version=expected_version, read=READ)
    if item.collected_by_id != work.caller.user_id and work.caller.role not in QUALITY:
        raise Forbidden("Only who collected it changes it, or who runs quality.", "id")
    if item.withdrawn_at is not None:
        raise Invalid("This evidence is withdrawn. Collect it anew instead.", "id")
    return item


async def propose_link(
    work: Work, *, evidence_id: UUID, clause_id: UUID, **values: Any
) -> EvidenceLink:
    """Say that evidence speaks for or against a clause.

    Raises:
        NotFound: the caller does not see the evidence, or there is no such clause.
        Invalid: the evidence or the clause is withdrawn, or strength is beyond 1 to 3.
        AlreadyExists: it is linked to the clause already.
    """
    item = await work.get(EvidenceItem, evidence_id, path="evidenceId", read=READ)
    if item.withdrawn_at is not None:
        raise Invalid("This evidence is withdrawn. Choose other evidence.", "evidenceId")
    await require_in_use(work, {clause_id: "clauseId"})
    ends = {"evidence_id": evidence_id, "clause_id": clause_id}
    return await work.add(EvidenceLink(status=EvidenceLinkStatus.PROPOSED, **ends, **values))

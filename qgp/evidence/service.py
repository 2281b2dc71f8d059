"""Commands on evidence: collect, change, withdraw, link to clauses."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.attachments.facts import VisibleAttachment, visible_attachment
from qgp.evidence.model import EvidenceItem, EvidenceKind, EvidenceLink, EvidenceLinkStatus
from qgp.evidence.policy import READ, is_required, lock_closable, reopening
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, Required
from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
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
    """Collect evidence about a record.

    Args:
        work: the unit of work.
        subject_id: the record that it is about.
        kind: decides which of the next three is required; the others are None.
        attachment_id: of a FILE; STORED.
        url: of a LINK.
        record_id: of a RECORD; other than the subject.
        values: further columns.

    Raises:
        NotFound: one of the records, or the file, is hidden from the caller.
        Invalid: the content does not fit the kind, or the period ends before it starts.
    """
    await get_visible(work, subject_id)
    file = None
    if attachment_id is not None:
        file = await visible_attachment(work, attachment_id, "attachmentId")
    if record_id is not None:
        await get_visible(work, record_id, "recordId")
    _require_content(kind, attachmentId=attachment_id, url=url, recordId=record_id)
    if record_id == subject_id:
        message = "A record is no evidence about itself. Choose another record."
        raise Invalid(message, "recordId")
    if file is not None:
        values |= _file_columns(file)
    about = columns_of(subject_id) | columns_of(record_id, "record")
    collected: dict[str, Any] = {
        "collected_at": clock.now(),
        "collected_by_id": work.caller.user_id,
    }
    return await work.add(EvidenceItem(kind=kind, url=url, **about, **collected, **values))


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> EvidenceItem:
    """Change the description of an item; its content and subject stay.

    Raises:
        Forbidden: the caller neither collected it nor is in quality.
        Invalid: it is withdrawn, or the period ends before it starts.
    """
    item = await _changeable(work, id, expected_version)
    return await work.change(item, changes)


async def withdraw(work: Work, *, id: UUID, expected_version: int, reason: str) -> EvidenceItem:
    """Withdraw an item; it stays, with the reason.

    Raises:
        Forbidden: the caller neither collected it nor is in quality.
        Invalid: it is withdrawn already, or is the last that a closed record requires.
    """
    item = await _changeable(work, id, expected_version)
    await _require_not_last(work, item)
    work.set_reason(reason)
    columns = {"withdrawn_at": clock.now(), "withdrawn_by_id": work.caller.user_id}
    return await work.change(item, {**columns, "withdrawal_reason": reason})


_CONTENT = {
    EvidenceKind.FILE: "attachmentId",
    EvidenceKind.LINK: "url",
    EvidenceKind.RECORD: "recordId",
}


def _require_content(kind: EvidenceKind, **content: Any) -> None:
    """Require the field of the kind, and no field of another kind."""
    required = _CONTENT[kind]
    for name, value in content.items():
        if name == required and value is None:
            message = f"Evidence of kind {kind.value} requires {required}. Enter it."
            raise Required(message, name)
        if name != required and value is not None:
            message = f"Evidence of kind {kind.value} has no {name}. Leave it out."
            raise Invalid(message, name)


def _file_columns(file: VisibleAttachment) -> dict[str, Any]:
    """Return the columns of a STORED file."""
    if not file.is_stored:
        message = "The attachment is not STORED. Upload its bytes first, or choose another."
        raise Invalid(message, "attachmentId")
    return {"attachment_id": file.id, "sha256": file.sha256}


def _last_required(key_in: KeyIn) -> Any:
    rows: Any = sa.select(EvidenceItem.id)
    return rows.where(key_in(EvidenceItem.id), is_required(EvidenceItem))


_required = batch_rows(READ, _last_required)


async def _require_not_last(work: Work, item: EvidenceItem) -> None:
    """Refuse the last evidence that a closed record requires."""
    await lock_closable(work, item.subject_type, item.subject_id)
    if await work.load(_required, item.id):
        message = (
            f"{item.reference} is the last evidence that a closed record requires. Collect other "
            f"evidence first (evidenceItemCreate), or {reopening(item.subject_type)}."
        )
        raise Invalid(message, "id")


async def _changeable(work: Work, id: UUID, expected_version: int) -> EvidenceItem:
    """Return an item that the caller may change, locked."""
    item = await work.get(EvidenceItem, id, expected_version=expected_version, read=READ)
    if item.collected_by_id != work.caller.user_id and work.caller.role not in QUALITY:
        message = (
            f"You did not collect {item.reference}, and only its collector or quality changes it. "
            "Ask one of them."
        )
        raise Forbidden(message, "id")
    if item.withdrawn_at is not None:
        message = f"{item.reference} is withdrawn and cannot be changed. Collect new evidence."
        raise Invalid(message, "id")
    return item


async def propose_link(
    work: Work, *, evidence_id: UUID, clause_id: UUID, **values: Any
) -> EvidenceLink:
    """Propose that evidence supports or contradicts a clause.

    Raises:
        NotFound: the evidence is hidden from the caller, or there is no such clause.
        Invalid: the evidence or the clause is withdrawn, or strength is outside 1 to 3.
        AlreadyExists: it is linked to the clause already.
    """
    item = await work.get(EvidenceItem, evidence_id, path="evidenceId", read=READ)
    if item.withdrawn_at is not None:
        message = f"{item.reference} is withdrawn. Choose other evidence."
        raise Invalid(message, "evidenceId")
    await require_in_use(work, {clause_id: "clauseId"})
    ends = {"evidence_id": evidence_id, "clause_id": clause_id}
    return await work.add(EvidenceLink(status=EvidenceLinkStatus.PROPOSED, **ends, **values))

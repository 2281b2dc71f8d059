"""The command that signs a record; signatures are neither changed nor removed."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.errors import Forbidden
from qgp.kit.model import Record
from qgp.kit.outbox import OutboxEvent, of_records
from qgp.kit.sealing import Seal, seal, seal_of
from qgp.kit.signing import Meaning
from qgp.kit.subjects import Subject, loader_of
from qgp.kit.work import Work
from qgp.signatures.facts.sealed_content import may_supersede, records_above
from qgp.signatures.facts.superseding import superseded_at
from qgp.signatures.model import Signature, SignatureMethod, content_digest, signature_digest
from qgp.users.facts import user_unfiltered

APPLIED, SUPERSEDED = "applied", "superseded"  # events of a signature
INDEPENDENT = frozenset({Meaning.REVIEWED, Meaning.APPROVED, Meaning.VERIFIED})
_AUTHORS = ("created_by_id", "owner_id", "lead_auditor_id")


async def sign(work: Work, *, record_id: Subject, expected_version: int) -> Signature:
    """Sign the present version of a record.

    Args:
        work: the unit of work, whose caller was authenticated for the signature.
        record_id: the record.
        expected_version: as the caller read it.

    Raises:
        NotFound: the record is hidden from the caller.
        StaleVersion: it has another version than the caller read.
        Forbidden: segregation of duties; the caller is its creator, owner or lead auditor.
        AlreadyExists: the caller signed this version with this meaning before.
    """
    loader = loader_of(record_id.kind)
    row = await work.get(
        loader.model,
        record_id.id,
        expected_version=expected_version,
        path="recordId",
        read=loader.read,
    )
    assert work.signature, "the input requires it"
    people = {getattr(row, name, None) for name in _AUTHORS}
    if work.signature in INDEPENDENT and work.caller.user_id in people:
        message = (
            f"Segregation of duties: {work.signature.value} is not for the creator, owner or lead "
            "auditor of the record. Ask another person to sign it, or choose another meaning."
        )
        raise Forbidden(message, "signature", "meaning")
    signature: Signature = await write(work, row, work.signature)
    return signature


async def write(
    work: Work, row: Record, meaning: Meaning, content: Seal | None = None
) -> Signature:
    """Add the caller's signature of the present version of a row that they hold locked.

    Args:
        work: the unit of work.
        row: the record.
        meaning: of the signature.
        content: that it seals; None for what the record declares.

    Raises:
        AlreadyExists: the caller signed this version with this meaning before.
    """
    of_row = (Signature.subject_type == row.prefix, Signature.subject_id == row.id)
    latest = sa.select(Signature.sha256).where(*of_row)
    latest = latest.order_by(Signature.signed_at.desc(), Signature.id.desc()).limit(1)
    previous = next(iter(await work.rows(latest)), None)
    signer = await user_unfiltered(work.session, work.caller.user_id)
    assert signer, "the caller is a user"
    manifest, sealed = await seal(work, row, content or seal_of(type(row)))
    signature = Signature(
        organization_id=work.caller.organization_id,
        id=ids.uuid7(),
        subject_type=row.prefix,
        subject_id=row.id,
        subject_version=row.version,
        meaning=meaning,
        printed_name=signer.name,
        statement=f"{_name(row)}, version {row.version}: {meaning.meaning}",
        action=work.session.info["scope"].action,
        sealed=manifest,
        content_sha256=content_digest(sealed),
        signed_at=clock.now(),
        auth_method=SignatureMethod.PASSWORD,
        previous_sha256=previous,
        signer_id=signer.id,
    )
    signature.sha256 = signature_digest(signature)
    await work.add(signature)
    work.emit(signature, APPLIED, meaning=meaning.value, recordId=row.public_id)
    return signature


async def report_superseded(work: Work, events: Sequence[OutboxEvent]) -> None:
    """Emit the events of the signatures whose content was changed for the first time by events."""
    changes = [event for event in of_records(events) if may_supersede(event)]
    if not changes:
        return
    is_about = Signature.subject_id.in_(await records_above(work, changes))
    columns: tuple[Any, ...] = (Signature, superseded_at(Signature))
    statement = sa.select(*columns).where(is_about).order_by(Signature.id)
    instants = {event.at for event in changes}
    for signature, instant in await work.tuples(statement):
        if instant in instants:
            record_id = ids.encode(signature.subject_type, signature.subject_id)
            work.emit(signature, SUPERSEDED, recordId=record_id)


def _name(row: Any) -> str:
    name: str = getattr(row, "reference", None) or f"{type(row).__name__} {row.public_id}"
    return name

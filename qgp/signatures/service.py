"""Commands on signatures: there is one, to sign; nobody changes or removes a signature."""

from typing import Any

import sqlalchemy as sa

from qgp.kit import clock, ids, signing
from qgp.kit.errors import Forbidden
from qgp.kit.model import Record
from qgp.kit.signing import Meaning
from qgp.kit.subjects import Subject, loader_of
from qgp.kit.work import Work
from qgp.signatures.model import Signature, SignatureMethod, content_of, seal_of
from qgp.users.facts import user_unfiltered

OF_OTHERS = frozenset({Meaning.REVIEWED, Meaning.APPROVED, Meaning.VERIFIED})
_AUTHORS = ("created_by_id", "owner_id", "lead_auditor_id")


async def sign(work: Work, *, record_id: Subject, expected_version: int) -> Signature:
    """Sign a record as it stands.

    Args:
        work: the unit of work, whose caller has proved who they are.
        record_id: the record.
        expected_version: as the caller read it.

    Raises:
        NotFound: the caller does not see the record.
        StaleVersion: it is not what the caller read.
        Forbidden: the caller wrote or owns it, and may not be the one to judge it.
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
    assert work.signature, "the input asks for it"
    people = {getattr(row, name, None) for name in _AUTHORS}
    if work.signature in OF_OTHERS and work.caller.user_id in people:
        told = f"You wrote or own this record. Let somebody else sign it {work.signature.value}."
        raise Forbidden(told, "signature", "meaning")
    signed: Signature = await write(work, row, work.signature)
    return signed


async def write(work: Work, row: Record, meaning: Meaning) -> Signature:
    """Write down that the caller signs a row, which they hold locked, as it stands.

    Raises:
        AlreadyExists: the caller signed this version with this meaning before.
    """
    of_row = (Signature.subject_type == row.prefix, Signature.subject_id == row.id)
    latest = sa.select(Signature.sha256).where(*of_row)
    latest = latest.order_by(Signature.signed_at.desc(), Signature.id.desc()).limit(1)
    previous = next(iter(await work.rows(latest)), None)
    signer = await user_unfiltered(work.session, work.caller.user_id)
    assert signer, "the caller is a user"
    signed = Signature(
        organization_id=work.caller.organization_id,
        id=ids.uuid7(),
        subject_type=row.prefix,
        subject_id=row.id,
        subject_version=row.version,
        meaning=meaning,
        printed_name=signer.name,
        statement=f"{_name(row)}, version {row.version}: {meaning.meaning}",
        action=work.session.info["scope"].action,
        content_sha256=content_of(await signing.content(work, row)),
        signed_at=clock.now(),
        auth_method=SignatureMethod.PASSWORD,
        previous_sha256=previous,
        signer_id=signer.id,
    )
    signed.sha256 = seal_of(signed)
    return await work.add(signed)


def _name(row: Any) -> str:
    name: str = getattr(row, "reference", None) or f"{type(row).__name__} {row.public_id}"
    return name

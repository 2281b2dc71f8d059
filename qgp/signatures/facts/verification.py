"""Verification of a signature's content against the records as they are now."""

from typing import Any

import sqlalchemy as sa

from qgp.kit import audit_content
from qgp.kit.audit import AuditEntry
from qgp.kit.former_names import present_action, present_changes, sealed_fields
from qgp.kit.loader import Reads
from qgp.kit.sealing import Seal, content_now, seal_of
from qgp.kit.subjects import loader_of
from qgp.signatures.model import Signature, content_digest


async def is_content_unchanged(reads: Reads, signature: Signature) -> bool:
    """Return whether the records have the signed content now."""
    if signature.sealed is None:
        return await _is_unchanged_since_entry(reads, signature)
    content = await content_now(reads, signature.sealed)
    return content_digest(content) == signature.content_sha256


async def _is_unchanged_since_entry(reads: Reads, signature: Signature) -> bool:
    """Compare a record with the signed version in the audit trail.

    For signatures without a manifest: of the record's own columns, those that a signature of the
    same kind seals now.
    """
    model = loader_of(signature.subject_type).model
    entries = sa.select(AuditEntry.changes).where(
        AuditEntry.entity == model.__tablename__,
        AuditEntry.entity_id == signature.subject_id,
        AuditEntry.entity_version <= signature.subject_version,
    )
    signed: dict[str, Any] = {}
    for changes in await reads.rows(entries.order_by(AuditEntry.entity_version)):
        present = present_changes(model.__tablename__, changes)
        signed |= {name: after for name, (_, after) in present.items()}
    rows = await reads.rows(sa.select(model).where(model.id == signature.subject_id))
    columns = _content(model, signature).of(model)
    return [_sealed(model, signed, columns)] == [
        _sealed(model, audit_content.content(row), columns) for row in rows
    ]


def _content(model: Any, signature: Signature) -> Seal:
    workflow = getattr(model, "workflow", None)
    transitions = workflow.transitions if workflow else {}
    transition = transitions.get(present_action(signature))
    return transition.seals if transition and transition.seals else seal_of(model)


def _sealed(model: Any, values: dict[str, Any], columns: Any) -> dict[str, Any]:
    fields = sealed_fields(model.__tablename__, values)
    return {name: fields.get(name) for name in columns}

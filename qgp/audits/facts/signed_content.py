"""Signed content of an audit besides its own fields: the content of its report (21 CFR 11.70)."""

from typing import Any

import sqlalchemy as sa

from qgp.audits.facts import related
from qgp.audits.model import (
    Audit,
    AuditAuditee,
    AuditClause,
    AuditResponse,
    AuditStandard,
    AuditTeamMember,
    SampleItem,
    SampleSet,
)
from qgp.audits.model.terms import UNISSUED, UNSUBMITTED
from qgp.kit import signing
from qgp.kit.loader import Reads

_COUNTED: tuple[type[Any], ...] = (AuditStandard, AuditClause, AuditTeamMember, AuditAuditee)
_ANSWERED: tuple[type[Any], ...] = (AuditResponse, SampleSet)


async def signed_content(reads: Reads, audit: Audit) -> dict[str, Any]:
    """Return all rows of an audit: responses once submitted, references of findings once reported.

    Before, they change without the audit. Findings are told by reference: they live on without it.
    """
    beside = {kind.__tablename__: await _of(reads, audit, kind) for kind in _COUNTED}
    if audit.status in UNSUBMITTED:
        return beside
    beside |= {kind.__tablename__: await _of(reads, audit, kind) for kind in _ANSWERED}
    samples = sa.select(SampleSet.id).where(SampleSet.audit_id == audit.id)
    items = sa.select(SampleItem).where(SampleItem.sample_set_id.in_(samples))
    rows = await reads.rows(items.order_by(SampleItem.id))
    beside[SampleItem.__tablename__] = [signing.fields(row) for row in rows]
    if audit.status in UNISSUED:
        return beside
    (references,) = await related.finding_references.fetch(reads, [audit.id])
    beside["findings"] = [reference for (reference,) in references]
    return beside


async def _of(reads: Reads, audit: Audit, kind: type[Any]) -> list[Any]:
    rows = await reads.rows(sa.select(kind).where(kind.audit_id == audit.id).order_by(kind.id))
    return [signing.fields(row) for row in rows]

"""What is signed of an audit besides its own fields: what its report tells (21 CFR 11.70)."""

from typing import Any

import sqlalchemy as sa

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
from qgp.findings.model import Finding
from qgp.kit import audit as trail
from qgp.kit import signing
from qgp.kit.loader import Reads

_PARTS: tuple[type[Any], ...] = (AuditStandard, AuditClause, AuditTeamMember, AuditAuditee)
_PARTS += (AuditResponse, SampleSet)


@signing.seals(Audit)
async def told(reads: Reads, audit: Audit) -> dict[str, Any]:
    """Tell every row of an audit; of findings their references, as they live on without it."""
    beside: dict[str, Any] = {}
    for kind in _PARTS:
        rows = await reads.rows(sa.select(kind).where(kind.audit_id == audit.id).order_by(kind.id))
        beside[kind.__tablename__] = [trail.content(row) for row in rows]
    samples = sa.select(SampleSet.id).where(SampleSet.audit_id == audit.id)
    items = sa.select(SampleItem).where(SampleItem.sample_set_id.in_(samples))
    found = await reads.rows(items.order_by(SampleItem.id))
    beside[SampleItem.__tablename__] = [trail.content(row) for row in found]
    named = sa.select(Finding.reference).where(Finding.audit_id == audit.id)
    beside[Finding.__tablename__] = list(await reads.rows(named.order_by(Finding.reference)))
    return beside

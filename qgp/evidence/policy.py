"""Rights over evidence and its links to clauses; evidence that closed records require."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.evidence.model import (
    EvidenceConfidentiality,
    EvidenceItem,
    EvidenceLink,
    EvidenceLinkStatus,
)
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.required_evidence import required_evidence
from qgp.kit.subjects import concerning
from qgp.kit.work import Work


def is_needed(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that nothing else proves what is closed on an item."""
    rules = [
        sa.and_(item.subject_type == kind, required.is_last(item))
        for kind, required in required_evidence().items()
    ]
    return sa.or_(sa.false(), *rules)


async def lock_closed(work: Work, kind: str, id: UUID) -> None:
    """Lock what may be closed on evidence about a record, so that it does not end meanwhile."""
    if required := required_evidence().get(kind):
        await work.rows(required.closed(id).with_for_update())


def reopening(kind: str) -> str:
    """Tell what opens again what evidence about records of the kind is needed for."""
    return required_evidence()[kind].reopening


JUDGES = QUALITY | {Role.LEAD_AUDITOR, Role.AUDITOR}
MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
COLLECTORS = MEMBERS - {Role.EXTERNAL_AUDITOR}
CONFIDANTS = QUALITY | {Role.LEAD_AUDITOR}


def _readable(caller: Principal) -> sa.ColumnElement[bool]:
    about = concerning(EvidenceItem, caller)
    if caller.role in CONFIDANTS:
        return about
    is_open = EvidenceItem.confidentiality != EvidenceConfidentiality.CONFIDENTIAL
    mine = EvidenceItem.collected_by_id == caller.user_id
    return sa.and_(sa.or_(is_open, mine), about)


def _of_readable(caller: Principal) -> sa.ColumnElement[bool]:
    seen = sa.select(EvidenceItem.id).where(_readable(caller)).correlate(None)
    return EvidenceLink.evidence_id.in_(seen)


def is_changeable(item: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may change an item: collected it, or runs quality."""
    stands: sa.ColumnElement[bool] = item.withdrawn_at.is_(None)
    if caller.role in QUALITY:
        return stands
    return sa.and_(stands, item.collected_by_id == caller.user_id)


def is_withdrawable(item: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may withdraw an item: nothing closed rests on it."""
    return sa.and_(is_changeable(item, caller), sa.not_(is_needed(item)))


def is_confirmable(link: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may agree with what somebody else proposed."""
    item = aliased(EvidenceItem)
    stands = sa.select(item.id).where(item.id == link.evidence_id, item.withdrawn_at.is_(None))
    is_open: sa.ColumnElement[bool] = link.status != EvidenceLinkStatus.CONFIRMED
    return sa.and_(is_open, _by_another(link, caller), stands.exists())


def is_rejectable(link: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may disagree with what somebody else proposed."""
    is_open: sa.ColumnElement[bool] = link.status != EvidenceLinkStatus.REJECTED
    return sa.and_(is_open, _by_another(link, caller))


def _by_another(link: Any, caller: Principal) -> sa.ColumnElement[bool]:
    proposed: sa.ColumnElement[bool] = link.created_by_id.is_distinct_from(caller.user_id)
    return proposed


READ = Permission("evidenceItem:read", MEMBERS, rows=dict.fromkeys(MEMBERS, _readable))
READ_LINKS = Permission("evidenceLink:read", MEMBERS, rows=dict.fromkeys(MEMBERS, _of_readable))
CREATE = Permission("evidenceItem:create", COLLECTORS)
UPDATE = Permission("evidenceItem:update", COLLECTORS)
WITHDRAW = Permission("evidenceItem:withdraw", COLLECTORS)
PROPOSE = Permission("evidenceLink:create", COLLECTORS)
JUDGE = Permission("evidenceLink:judge", JUDGES)

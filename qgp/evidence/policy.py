"""Permissions on evidence and its links to clauses; evidence that closed records require."""

from functools import cache
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
from qgp.kit.required_evidence import RequiredEvidence
from qgp.kit.row_locks import locked
from qgp.kit.scopes import below
from qgp.kit.subjects import concerning
from qgp.kit.work import Work


def is_required(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed record requires an item as its last evidence."""
    required, is_last = _required_item()
    return sa.select(required.id).where(required.id == item.id, is_last).exists()


@cache
def _required_item() -> tuple[Any, sa.ColumnElement[bool]]:
    """Return an alias of evidence, and the condition that it is the last required one.

    Made once: the condition names the tables of several modules, which takes 60 ms.
    """
    item = aliased(EvidenceItem)
    rules = [
        sa.and_(item.subject_type == kind, required.is_last(item))
        for kind, required in RequiredEvidence.by_prefix().items()
    ]
    return item, sa.or_(sa.false(), *rules)


async def lock_closable(work: Work, kind: str, id: UUID) -> None:
    """Lock the record that evidence about a subject may close, until the work ends."""
    if required := RequiredEvidence.by_prefix().get(kind):
        await work.rows(locked(required.closed(id)))


def reopening(kind: str) -> str:
    """Return the command that reopens the record that requires evidence about this kind."""
    return RequiredEvidence.by_prefix()[kind].reopening


JUDGES = QUALITY | {Role.LEAD_AUDITOR, Role.AUDITOR}
MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
COLLECTORS = MEMBERS - {Role.EXTERNAL_AUDITOR}
CONFIDANTS = QUALITY | {Role.LEAD_AUDITOR}


def _readable(caller: Principal) -> sa.ColumnElement[bool]:
    about = concerning(EvidenceItem, caller)
    if caller.role in CONFIDANTS:
        return about
    is_open = EvidenceItem.confidentiality != EvidenceConfidentiality.CONFIDENTIAL
    is_collector = EvidenceItem.collected_by_id == caller.user_id
    return sa.and_(sa.or_(is_open, is_collector), about)


def is_changeable(item: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller collected an item, or is in quality, and it is valid."""
    is_valid: sa.ColumnElement[bool] = item.withdrawn_at.is_(None)
    if caller.role in QUALITY:
        return is_valid
    return sa.and_(is_valid, item.collected_by_id == caller.user_id)


def is_withdrawable(item: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may withdraw an item: no closed record requires it."""
    return sa.and_(is_changeable(item, caller), sa.not_(is_required(item)))


def is_confirmable(link: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may confirm a link that another user proposed."""
    item = aliased(EvidenceItem)
    valid = sa.select(item.id).where(item.id == link.evidence_id, item.withdrawn_at.is_(None))
    is_open: sa.ColumnElement[bool] = link.status != EvidenceLinkStatus.CONFIRMED
    return sa.and_(is_open, _by_another(link, caller), valid.exists())


def is_rejectable(link: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may reject a link that another user proposed."""
    is_open: sa.ColumnElement[bool] = link.status != EvidenceLinkStatus.REJECTED
    return sa.and_(is_open, _by_another(link, caller))


def _by_another(link: Any, caller: Principal) -> sa.ColumnElement[bool]:
    proposed: sa.ColumnElement[bool] = link.created_by_id.is_distinct_from(caller.user_id)
    return proposed


READ = Permission("evidenceItem:read", MEMBERS, rows=dict.fromkeys(MEMBERS, _readable))
READ_LINKS = Permission(
    "evidenceLink:read", MEMBERS, rows=below(EvidenceLink.evidence_id, EvidenceItem, READ)
)
CREATE = Permission("evidenceItem:create", COLLECTORS)
UPDATE = Permission("evidenceItem:update", COLLECTORS)
WITHDRAW = Permission("evidenceItem:withdraw", COLLECTORS)
PROPOSE = Permission("evidenceLink:create", COLLECTORS)
JUDGE = Permission("evidenceLink:judge", JUDGES)

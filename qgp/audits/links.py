"""The standards and auditees of audits, for the types of any module."""

from typing import Any

import sqlalchemy as sa

from qgp.audits.model import AuditAuditee, AuditStandard
from qgp.audits.policy import READ_AUDITEES, READ_STANDARDS
from qgp.kit.loader import Among, linked
from qgp.kit.policy import Permission, Principal
from qgp.standards.model import Standard
from qgp.standards.policy import READ as READ_LIBRARY
from qgp.users.model import User
from qgp.users.policy import READ as READ_USERS


def _in_order(
    link: type[Any], end: Any, read: Permission, caller: Principal, among: Among
) -> sa.FromClause:
    """Follow the links of each audit in the order that they were made in."""
    key = link.audit_id
    rank = sa.func.row_number().over(partition_by=key, order_by=(link.created_at, link.id))
    links = sa.select(key.label("key"), end.label("id"), rank.label("place"))
    return links.where(among(key), *read.visible(caller)).subquery()


def _standards(caller: Principal, among: Among) -> sa.FromClause:
    return _in_order(AuditStandard, AuditStandard.standard_id, READ_STANDARDS, caller, among)


def _auditees(caller: Principal, among: Among) -> sa.FromClause:
    return _in_order(AuditAuditee, AuditAuditee.user_id, READ_AUDITEES, caller, among)


standards_of_audit = linked(Standard, READ_LIBRARY, _standards)
auditees_of_audit = linked(User, READ_USERS, _auditees)

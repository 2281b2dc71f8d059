"""Findings of audits, as the audits' guards and reports read them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qgp.findings.model import ENDED, Finding, FindingClause, FindingSource, FindingStatus
from qgp.findings.policy import READ
from qgp.kit import sql_dates
from qgp.kit.facts import VisibleRows, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.policy import Principal
from qgp.standards.facts import citations_unfiltered


def _visible(caller: Principal) -> Sequence[sa.ColumnElement[bool]]:
    return READ.visible(caller)


def _of_audit(key_in: KeyIn) -> Any:
    rows: Any = sa.select(
        Finding.audit_id,
        Finding.response_id,
        Finding.grade,
        Finding.status == FindingStatus.CLOSED,
        Finding.source_type.in_((FindingSource.AUDIT, FindingSource.CERT_AUDIT)),
        Finding.id,
    )
    return rows.where(key_in(Finding.audit_id), Finding.status != FindingStatus.VOID)


def _drafts(key_in: KeyIn) -> Any:
    rows: Any = sa.select(Finding.audit_id, Finding)
    rows = rows.where(key_in(Finding.audit_id), Finding.status == FindingStatus.DRAFT)
    return rows.order_by(Finding.reference)


def _open_findings(key_in: KeyIn) -> Any:
    """Select the findings that have not ended, and those whose concession has."""
    prefix = sa.literal(Finding.prefix, sa.Text)
    is_over = sa.and_(
        Finding.status == FindingStatus.ACCEPTED, Finding.accepted_until < sql_dates.today()
    )
    rows: Any = sa.select(Finding.audit_id, prefix, Finding.id, Finding.reference, Finding.status)
    rows = rows.add_columns(is_over)
    rows = rows.where(key_in(Finding.audit_id), sa.or_(Finding.status.not_in(ENDED), is_over))
    return rows.order_by(Finding.reference)


def _counted(caller: Principal, key_in: KeyIn) -> Any:
    rows: Any = sa.select(
        Finding.audit_id, Finding.response_id, Finding.grade, Finding.status.in_(ENDED)
    )
    rows = rows.where(key_in(Finding.audit_id), Finding.status != FindingStatus.VOID)
    return rows.where(*_visible(caller))


def _listed(caller: Principal, key_in: KeyIn) -> Any:
    """Select the findings that an audit report lists, each with its primary clause."""
    cited = citations_unfiltered()
    rows: Any = sa.select(
        *(Finding.audit_id, Finding.reference, Finding.grade, Finding.title, Finding.status),
        *(cited.c.code, cited.c.number, cited.c.title),
        *(Finding.supplemented_at, Finding.supplement_reason),
    )
    link = sa.and_(FindingClause.finding_id == Finding.id, FindingClause.is_primary)
    rows = rows.outerjoin(FindingClause, link)
    rows = rows.outerjoin(cited, cited.c.id == FindingClause.clause_id)
    rows = rows.where(key_in(Finding.audit_id), Finding.status != FindingStatus.VOID)
    return rows.where(*_visible(caller)).order_by(Finding.detected_on, Finding.id)


findings_of_audit_unfiltered = batch_rows(READ, _of_audit)
drafts_of_audit_unfiltered = batch_rows(READ, _drafts)
open_findings_of_audit_unfiltered = batch_rows(READ, _open_findings)
findings_of_audit = VisibleRows(READ, _counted)
listed_of_audit = VisibleRows(READ, _listed)

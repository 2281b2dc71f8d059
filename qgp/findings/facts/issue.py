"""Issue of findings, and the persons who decide on a MAJOR from then on."""

from typing import Any

import sqlalchemy as sa

from qgp.audits.facts.related import (
    led_unfiltered,
    submitted_at_unfiltered,
    under_review_unfiltered,
)
from qgp.findings.model import Finding, FindingStatus
from qgp.findings.policy import READ, has_not_ended
from qgp.kit.column_history import changed_by, values_of_column
from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.policy import QUALITY, Principal
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.transitions import GuardContext


async def takes_two_persons(reads: GuardContext, finding: Finding) -> bool:
    """Return whether two persons decide on the end of a finding.

    Of an issued MAJOR, and of one that was graded down: that grade is all that was approved.
    """
    if finding.grade is FindingGrade.MAJOR:
        return await is_issued_major(reads, finding)
    if finding.status is FindingStatus.DRAFT and finding.audit_id is None:
        return False
    return bool(await reads.load(graded_down_unfiltered, finding.id))


async def is_issued_major(reads: GuardContext, finding: Finding) -> bool:
    """Return whether a finding is an issued MAJOR.

    A draft is issued from the review of its audit on, and stays so when the audit is returned.
    """
    if finding.grade is not FindingGrade.MAJOR:
        return False
    if finding.status is not FindingStatus.DRAFT:
        return True
    return finding.audit_id is not None and bool(await reads.load(_submitted, finding.id))


def is_correctable(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may correct the content of an issued finding."""
    past = values_of_column(Finding.owner_id).c
    owned = sa.select(past.id).where(past.id == finding.id, past.value == caller.user_id).exists()
    is_own_major = sa.and_(finding.grade == FindingGrade.MAJOR, owned)
    is_open = sa.and_(has_not_ended(finding, caller), _is_issued(finding), sa.not_(is_own_major))
    return sa.and_(is_open, is_corrector(finding, caller))


def is_regradable(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller alone may regrade a finding: no issued MAJOR."""
    is_issued = sa.or_(_is_issued(finding), _was_submitted(finding))
    is_issued_major = sa.and_(finding.grade == FindingGrade.MAJOR, is_issued)
    may_decide = sa.or_(sa.not_(_is_issued(finding)), is_corrector(finding, caller))
    return sa.and_(has_not_ended(finding, caller), sa.not_(is_issued_major), may_decide)


def is_corrector(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller leads the audit of a finding, or is in quality."""
    if caller.role in QUALITY:
        return sa.true()
    led = finding.audit_id.in_(led_unfiltered(caller.user_id))
    return sa.func.coalesce(led, sa.false(), type_=sa.Boolean)


def _is_issued(finding: Any) -> sa.ColumnElement[bool]:
    is_under_review = sa.func.coalesce(finding.audit_id.in_(under_review_unfiltered()), sa.false())
    return sa.or_(finding.status != FindingStatus.DRAFT, is_under_review)


def _was_submitted(finding: Any) -> sa.ColumnElement[bool]:
    """Return the condition that the audit of a finding was submitted with it for review."""
    submitted_at = submitted_at_unfiltered(finding, finding.audit_id)
    return sa.func.coalesce(submitted_at >= finding.created_at, sa.false(), type_=sa.Boolean)


def _under_review(key_in: KeyIn) -> Any:
    """Select the findings whose audit is under review, or was with them."""
    rows: Any = sa.select(Finding.id, Finding.id)
    return rows.where(key_in(Finding.id), sa.or_(_is_issued(Finding), _was_submitted(Finding)))


def _graded_down(key_in: KeyIn) -> Any:
    """Select the findings that were graded down from MAJOR after their issue."""
    entry = changed_by("findingApproveRegrade", Finding.grade).c
    rows: Any = sa.select(entry.id, entry.id)
    return rows.where(key_in(entry.id))


_submitted = batch_rows(READ, _under_review)
graded_down_unfiltered = batch_rows(READ, _graded_down)

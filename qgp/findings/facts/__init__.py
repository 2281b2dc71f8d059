"""Statements about findings for the guards, reports and statistics of other modules."""

from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.findings.facts.issue import is_issued_major
from qgp.findings.model import (
    ENDED,
    NONCONFORMITIES,
    Finding,
    FindingClause,
    FindingStatus,
    due,
)
from qgp.findings.policy import READ
from qgp.kit.calendar_dates import CalendarDates, due_date
from qgp.kit.column_history import values_of_column
from qgp.kit.errors import Invalid
from qgp.kit.facts import LateBoundLoader, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.policy import Principal
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.status_history import last_entry
from qgp.kit.visibility import limits_of
from qgp.kit.work import Work
from qgp.standards.facts import citations_unfiltered


class LinkedCapa(NamedTuple):
    """A CAPA of which a finding is a source.

    Attributes:
        is_corrective: whether its kind is CORRECTIVE.
        is_confirmed: whether its implementation is confirmed, or it has ended.
        is_in_review: whether its effectiveness window runs.
        is_effective: whether it is CLOSED as EFFECTIVE or PARTIAL.
        is_renewed: whether it came into its state after the finding was last reopened, if it was.
    """

    prefix: str
    id: UUID
    reference: str
    is_corrective: bool
    is_cancelled: bool
    is_confirmed: bool
    is_in_review: bool
    is_effective: bool
    is_renewed: bool


class Participant(NamedTuple):
    """A user with a part in a CAPA or an action, by which a finding is closed."""

    prefix: str
    id: UUID
    reference: str
    user_id: UUID


class UnfinishedAction(NamedTuple):
    """An action of a finding that is open, or DONE and requires verification."""

    prefix: str
    id: UUID
    reference: str
    is_unverified: bool


# Bound by later modules.
unfinished_actions = LateBoundLoader(UnfinishedAction)  # by reference
linked_capas = LateBoundLoader(LinkedCapa)  # by reference
capa_owners = LateBoundLoader(Participant)  # who own or owned them; by reference
# Who own, owned or completed the actions of a finding and its CAPAs, but for follow-ups.
action_owners = LateBoundLoader(Participant)


calendar_dates = CalendarDates(
    due_date(Finding, due, column, (Finding.owner_id,))
    for column in ("response_due_on", "closure_due_on", "accepted_until")
)
IN_VERIFICATION = FindingStatus.VERIFICATION
CLOSED = FindingStatus.CLOSED
# The states in which a finding takes no new actions, each with the remedy.
TAKES_NO_ACTIONS = {
    FindingStatus.VERIFICATION: "Return it to corrective action first "
    "(findingRejectCorrectiveAction).",
    FindingStatus.CLOSED: "Reopen it first (findingReopen).",
    FindingStatus.ACCEPTED: "Revoke its concession first (findingRevokeConcession).",
    FindingStatus.VOID: "Choose a finding that is not VOID.",
}


async def require_not_void(work: Work, id: UUID, path: str) -> None:
    """Lock a finding that is to be the source of a CAPA; `path` locates the input.

    Raises:
        Invalid: the finding is VOID.
        NotFound: it does not exist, or is hidden from the caller.
    """
    finding = await work.get(Finding, id, path=path, read=READ)
    if finding.status is FindingStatus.VOID:
        raise Invalid(f"{finding.reference} is VOID. Choose a finding that is not VOID.", path)


class SourceFinding(NamedTuple):
    """A source finding of a CAPA, locked."""

    reference: str
    owner_id: UUID | None
    is_nonconformity: bool
    is_major: bool
    is_issued_major: bool
    is_closed: bool
    is_void: bool


async def source_unfiltered(work: Work, id: UUID) -> SourceFinding:
    """Lock a source finding of a CAPA and return what its link depends on.

    Raises:
        NotFound: there is no such finding.
    """
    finding = await work.get(Finding, id, path="findingId")
    return SourceFinding(
        reference=finding.reference,
        owner_id=finding.owner_id,
        is_nonconformity=finding.is_nonconformity,
        is_major=finding.grade is FindingGrade.MAJOR,
        is_issued_major=await is_issued_major(work, finding),
        is_closed=finding.status is CLOSED,
        is_void=finding.status is FindingStatus.VOID,
    )


def reopened_at_unfiltered(link: Any) -> Any:
    """Return SQL for the last reopening of the finding that a link names; null if none."""
    return last_entry(Finding, link, link.finding_id, is_reopening)


def is_reopening(event: Any) -> sa.ColumnElement[bool]:
    """Return the condition that an event of the status history reopened a CLOSED finding."""
    condition: sa.ColumnElement[bool] = event.from_status == CLOSED.value
    return condition


def with_ids_unfiltered(ids: sa.Select[Any]) -> sa.Select[Any]:
    """Select the findings with these ids, to lock their rows."""
    return sa.select(Finding).where(Finding.id.in_(ids)).order_by(Finding.id)


def ended_unfiltered() -> Any:
    """Return a table `id`, `reference` of the findings that have ended."""
    return sa.select(Finding.id, Finding.reference).where(Finding.status.in_(ENDED)).subquery()


def majors_unfiltered() -> Any:
    """Return a table of the MAJOR findings.

    Columns: `organization_id`, `id`, `reference`, `has_ended`, `is_closed`.
    """
    has_ended = Finding.status.in_(ENDED).label("has_ended")
    is_closed = (Finding.status == FindingStatus.CLOSED).label("is_closed")
    rows: Any = sa.select(Finding.organization_id, Finding.id, Finding.reference)
    rows = rows.add_columns(has_ended, is_closed)
    return rows.where(Finding.grade == FindingGrade.MAJOR).subquery()


def with_primary_clause_unfiltered() -> Any:
    """Return a table of the findings that have a primary clause, to find recurrences.

    Columns: `organization_id`, `id`, `reference`, `detected_on`, `process_id`,
    `cause_category_id`, `clause_id`, and `is_problem`, neither VOID nor a GOOD_PRACTICE.
    """
    is_problem = sa.and_(
        Finding.status != FindingStatus.VOID, Finding.grade != FindingGrade.GOOD_PRACTICE
    )
    rows: Any = sa.select(
        *(Finding.organization_id, Finding.id, Finding.reference, Finding.detected_on),
        *(Finding.process_id, Finding.cause_category_id, FindingClause.clause_id),
        is_problem.label("is_problem"),
    )
    same = sa.and_(
        FindingClause.organization_id == Finding.organization_id,
        FindingClause.finding_id == Finding.id,
    )
    return rows.join(FindingClause, same).where(FindingClause.is_primary).subquery()


def primary_clause_unfiltered(finding: Any) -> Any:
    """Return SQL for the primary clause of a finding, such as ISO9001:2015 8.5.1; null if none."""
    link, cited = aliased(FindingClause), citations_unfiltered()
    statement: Any = sa.select(sa.type_coerce(cited.c.citation, sa.Text)).select_from(link)
    of_finding = sa.and_(
        link.organization_id == finding.organization_id, link.finding_id == finding.id
    )
    statement = statement.join(cited, cited.c.id == link.clause_id)
    return statement.where(of_finding, link.is_primary).correlate(finding).scalar_subquery()


def clauses_of_findings_unfiltered() -> Any:
    """Return a table `finding_id`, `clause_id` of the clauses that findings cite."""
    rows: Any = sa.select(FindingClause.finding_id, FindingClause.clause_id)
    return rows.subquery("clauses_of_findings")


def open_nonconformities(caller: Principal) -> Any:
    """Return a table of the open nonconformities that the caller may read.

    Columns: `id`, `grade`, `detected_on`, `site_id`, `department_id`, `process_id`.
    """
    columns: Any = (Finding.id, Finding.grade, Finding.detected_on)
    rows = sa.select(*columns, Finding.site_id, Finding.department_id, Finding.process_id)
    rows = rows.where(
        Finding.grade.in_(NONCONFORMITIES),
        Finding.status.not_in((FindingStatus.DRAFT, *sorted(ENDED))),
        *limits_of(Finding, caller),
    )
    return rows.subquery("open_nonconformities")


def not_void_unfiltered() -> sa.Subquery:
    """Return a table `id`, `audit_id`, `response_id` of the findings that are not VOID."""
    columns: Any = sa.select(Finding.id, Finding.audit_id, Finding.response_id)
    rows: sa.Subquery = columns.where(Finding.status != FindingStatus.VOID).subquery()
    return rows


def _past_owners(key_in: KeyIn) -> Any:
    """Select the users who own or have owned each finding."""
    past = values_of_column(Finding.owner_id).c
    rows: Any = sa.select(past.id, past.value)
    return rows.where(key_in(past.id))


owners_ever_unfiltered = batch_rows(READ, _past_owners)

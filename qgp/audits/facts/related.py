"""Rows that the guards and commands of audits need, for many audits at once."""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from qgp.attachments.facts import photos_unfiltered
from qgp.audits.model import (
    Audit,
    AuditAuditee,
    AuditClause,
    AuditResponse,
    AuditTeamMember,
    SampleItem,
    SampleSet,
)
from qgp.audits.model.terms import SCORED, AuditStatus, AuditTeamRole
from qgp.audits.policy import READ
from qgp.kit.facts import LateBoundLoader, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.policy import QUALITY, Role
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning
from qgp.kit.status_history import last_entry, taken_by
from qgp.kit.work import Work
from qgp.organizations.facts import departments_unfiltered
from qgp.processes.loaders import processes_unfiltered
from qgp.signatures.facts import valid_unfiltered
from qgp.standards.facts import (
    clauses_in_use_unfiltered,
)
from qgp.users.facts import people_unfiltered

# The states in which the content of an audit's findings is issued.
UNDER_REVIEW = frozenset({AuditStatus.IN_REVIEW, AuditStatus.REPORTED, AuditStatus.CLOSED})
TAKES_FINDINGS = SCORED | {AuditStatus.IN_PROGRESS}
TAKES_SUPPLEMENTS = AuditStatus.REPORTED  # findings of the lead auditor, to the issued report
# The states in which an audit takes no actions, each with the way out.
TAKES_NO_ACTIONS = {
    AuditStatus.CLOSED: "Reopen it first (auditReopen), or choose one of its findings.",
    AuditStatus.CANCELLED: "Choose an audit that goes on.",
}
FIT = {
    AuditTeamRole.LEAD: frozenset({Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}),
    AuditTeamRole.AUDITOR: QUALITY | {Role.LEAD_AUDITOR, Role.AUDITOR},
}


async def locked_unfiltered(work: Work, id: UUID) -> Audit:
    """Return an audit, locked before its findings are, whether the caller may read it or not."""
    return await work.get(Audit, id)


def under_review_unfiltered() -> sa.Select[Any]:
    """Select the ids of the audits that are under review or reported."""
    return sa.select(Audit.id).where(Audit.status.in_(UNDER_REVIEW)).correlate(None)


def submitted_at_unfiltered(row: Any, audit_id: Any) -> Any:
    """Return SQL for the last submission of the audit that a row names; null if there is none."""
    return last_entry(
        Audit, row, audit_id, lambda event: event.to_status == AuditStatus.IN_REVIEW.value
    )


def led_unfiltered(user_id: UUID) -> sa.Select[Any]:
    """Select the ids of the audits that a user leads."""
    return sa.select(Audit.id).where(Audit.lead_auditor_id == user_id).correlate(None)


class TiedMember(NamedTuple):
    """A team member tied to the subject of the audit, without an impartiality override."""

    member_id: UUID
    user_id: UUID
    name: str
    owns_process: bool


class UnqualifiedMember(NamedTuple):
    """A team member whose role in the organization does not allow the role on the team."""

    member_id: UUID
    name: str
    role: Role
    team_role: AuditTeamRole


class AuditFinding(NamedTuple):
    """A finding of the audit that is not VOID; `is_of_audit`: its source is an audit."""

    response_id: UUID | None
    grade: FindingGrade
    is_closed: bool
    is_of_audit: bool
    id: UUID


class Authorship(NamedTuple):
    """A VALID signature of an audit as its author.

    Attributes:
        findings: the sealed ones, by id; None for a signature of an earlier release.
    """

    signer_id: UUID
    findings: Mapping[str, Any] | None


class UnfinishedFinding(NamedTuple):
    """A finding of the audit that is neither CLOSED, ACCEPTED nor VOID.

    Attributes:
        is_expired: whether it is ACCEPTED, and the last day of its concession has passed.
    """

    prefix: str
    id: UUID
    reference: str
    status: Any
    is_expired: bool


def _clauses(key_in: KeyIn) -> Any:
    return sa.select(AuditClause.audit_id, AuditClause.id).where(key_in(AuditClause.audit_id))


def _clauses_in_use(key_in: KeyIn) -> Any:
    used = clauses_in_use_unfiltered()
    rows: Any = sa.select(AuditClause.audit_id, AuditClause.clause_id)
    rows = rows.join(used, used.c.id == AuditClause.clause_id)
    return rows.where(key_in(AuditClause.audit_id))


def _partial(key_in: KeyIn) -> Any:
    """Select the members of the audited department or below it, and the process owner."""
    people, departments, member = people_unfiltered().c, departments_unfiltered().c, AuditTeamMember
    area: Any = sa.select(Audit.id.label("audit_id"), Audit.department_id.label("department_id"))
    area = area.where(key_in(Audit.id), Audit.department_id.is_not(None)).cte(
        "area", recursive=True
    )
    below: Any = sa.select(area.c.audit_id, departments.id)
    area = area.union(below.join(area, departments.parent_id == area.c.department_id))
    belongs = sa.exists().where(
        area.c.audit_id == member.audit_id, area.c.department_id == people.department_id
    )
    process = processes_unfiltered.c
    owns = sa.exists().where(process.id == Audit.process_id, process.owner_id == member.user_id)
    owns = owns.correlate(Audit, member)
    rows: Any = sa.select(Audit.id, member.id, member.user_id, people.name, owns.label("owns"))
    rows = rows.join(member, member.audit_id == Audit.id)
    rows = rows.join(people.id.table, people.id == member.user_id)
    rows = rows.where(key_in(Audit.id), member.override_reason.is_(None))
    return rows.where(sa.or_(belongs, owns)).order_by(people.name, member.id)


def _unfit(key_in: KeyIn) -> Any:
    people, member = people_unfiltered(), AuditTeamMember
    rows: Any = sa.select(member.audit_id, member.id, people.c.name, people.c.role, member.role)
    rows = rows.join(people, people.c.id == member.user_id)
    unfit = [
        sa.and_(member.role == role, people.c.role.not_in(roles)) for role, roles in FIT.items()
    ]
    rows = rows.where(key_in(member.audit_id), sa.or_(*unfit))
    return rows.order_by(people.c.name, member.id)


def _photographed(key_in: KeyIn) -> Any:
    """Select the responses with a photo: an attached image that is stored."""
    rows: Any = sa.select(AuditResponse.audit_id, AuditResponse.id)
    photos = sa.exists().where(photos_unfiltered().c.subject_id == AuditResponse.id)
    return rows.where(key_in(AuditResponse.audit_id), photos)


def _partakers(key_in: KeyIn) -> Any:
    """Select the participants: the team, who submitted it, responded or overrode the score."""
    member, said = AuditTeamMember, AuditResponse
    statement: Any = sa.select(member.audit_id, member.user_id).where(key_in(member.audit_id))
    answered: Any = sa.select(said.audit_id, said.answered_by_id).where(key_in(said.audit_id))
    led: Any = sa.select(Audit.id, Audit.lead_auditor_id)
    overrode: Any = sa.select(Audit.id, Audit.overridden_by_id).where(key_in(Audit.id))
    submission = taken_by(Audit, "auditSubmit").c
    submitted = sa.select(submission.id, submission.by_id).where(key_in(submission.id))
    led = led.where(key_in(Audit.id))
    partakers = sa.union(statement, answered, led, overrode, submitted).subquery("partakers")
    return sa.select(partakers.c.audit_id, partakers.c.user_id)


def _unrecorded(key_in: KeyIn) -> Any:
    """Select the sample items of each audit without a result: id, position and population."""
    item = SampleItem
    rows: Any = sa.select(
        SampleSet.audit_id, item.id, item.position, SampleSet.population_description
    )
    rows = rows.join(item, item.sample_set_id == SampleSet.id)
    rows = rows.where(key_in(SampleSet.audit_id), item.result.is_(None))
    return rows.order_by(SampleSet.created_at, SampleSet.id, item.position)


def _authorships(key_in: KeyIn) -> Any:
    """Select the VALID signatures of each audit as its author."""
    signed = valid_unfiltered(Meaning.AUTHORED).c
    rows: Any = sa.select(signed.subject_id, signed.signer_id, signed.sealed["findings"]["rows"])
    return rows.where(key_in(signed.subject_id))


def _auditee_ids(key_in: KeyIn) -> Any:
    return sa.select(AuditAuditee.audit_id, AuditAuditee.user_id).where(
        key_in(AuditAuditee.audit_id)
    )


clauses = batch_rows(READ, _clauses)
clauses_in_use = batch_rows(READ, _clauses_in_use)
participants = batch_rows(READ, _partakers)
auditee_ids = batch_rows(READ, _auditee_ids)
authorships = batch_rows(READ, _authorships, Authorship)
unrecorded_items = batch_rows(READ, _unrecorded)
members_with_ties = batch_rows(READ, _partial, TiedMember)
unqualified_members = batch_rows(READ, _unfit, UnqualifiedMember)
responses_with_photo = batch_rows(READ, _photographed)

# Modules later in the flow supply the facts about findings and actions.
OPENS_FINDING = "findingOpen"
findings = LateBoundLoader(AuditFinding)
findings_drafted = LateBoundLoader()  # the records that OPENS_FINDING opens with the report
findings_going_on = LateBoundLoader(UnfinishedFinding)
responses_acted_on = (
    LateBoundLoader()
)  # ids of responses whose findings have an action not CANCELLED

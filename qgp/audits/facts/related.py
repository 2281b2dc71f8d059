"""What an audit's guards and report have to know of other rows, for many audits at once."""

from typing import Any

import sqlalchemy as sa

from qgp.attachments.facts import photos_unfiltered
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
from qgp.audits.model.terms import SCORED, AuditStatus, AuditTeamRole, SampleResult
from qgp.audits.policy import READ
from qgp.kit.facts import Supplied, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.policy import QUALITY, Role
from qgp.organizations.facts import departments_unfiltered
from qgp.processes.loaders import processes_unfiltered
from qgp.signatures.facts import signatures_of_subject_unfiltered
from qgp.standards.facts import (
    citations_unfiltered,
    clauses_in_use_unfiltered,
    standards_unfiltered,
)
from qgp.users.facts import people_unfiltered

TAKES_FINDINGS = SCORED | {AuditStatus.IN_PROGRESS}
# The states in which an audit takes no actions, each with the way out.
TAKES_NO_ACTIONS = {
    AuditStatus.CLOSED: "Choose an audit that goes on, or one of its findings.",
    AuditStatus.CANCELLED: "Choose an audit that goes on.",
}
FIT = {
    AuditTeamRole.LEAD: frozenset({Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}),
    AuditTeamRole.AUDITOR: QUALITY | {Role.LEAD_AUDITOR, Role.AUDITOR},
}


def _clauses(key_in: KeyIn) -> Any:
    return sa.select(AuditClause.audit_id, AuditClause.id).where(key_in(AuditClause.audit_id))


def _clauses_in_use(key_in: KeyIn) -> Any:
    used = clauses_in_use_unfiltered()
    rows: Any = sa.select(AuditClause.audit_id, AuditClause.clause_id)
    rows = rows.join(used, used.c.id == AuditClause.clause_id)
    return rows.where(key_in(AuditClause.audit_id))


def _partial(key_in: KeyIn) -> Any:
    """Select who of the team belongs to what is audited, or below it, or owns the process."""
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
    """Select the answers that have a photo: an image of theirs whose bytes are here."""
    rows: Any = sa.select(AuditResponse.audit_id, AuditResponse.id)
    photos = sa.exists().where(photos_unfiltered().c.subject_id == AuditResponse.id)
    return rows.where(key_in(AuditResponse.audit_id), photos)


def _team(key_in: KeyIn) -> Any:
    people, member = people_unfiltered(), AuditTeamMember
    rows: Any = sa.select(
        member.audit_id, people.c.id, people.c.name, member.role, member.override_reason
    )
    rows = rows.join(people, people.c.id == member.user_id)
    return rows.where(key_in(member.audit_id)).order_by(member.id)


def _reviewer(key_in: KeyIn) -> Any:
    people = people_unfiltered()
    rows: Any = sa.select(Audit.id, people.c.name).join(people, people.c.id == Audit.reviewed_by_id)
    return rows.where(key_in(Audit.id))


def _partakers(key_in: KeyIn) -> Any:
    """Select who took part: the team, and who answered or overrode the score."""
    member, said = AuditTeamMember, AuditResponse
    statement: Any = sa.select(member.audit_id, member.user_id).where(key_in(member.audit_id))
    answered: Any = sa.select(said.audit_id, said.answered_by_id).where(key_in(said.audit_id))
    led: Any = sa.select(Audit.id, Audit.lead_auditor_id)
    overrode: Any = sa.select(Audit.id, Audit.overridden_by_id).where(key_in(Audit.id))
    partakers = sa.union(statement, answered, led.where(key_in(Audit.id)), overrode).subquery(
        "partakers"
    )
    return sa.select(partakers.c.audit_id, partakers.c.user_id)


def _auditee_ids(key_in: KeyIn) -> Any:
    return sa.select(AuditAuditee.audit_id, AuditAuditee.user_id).where(
        key_in(AuditAuditee.audit_id)
    )


def _auditees(key_in: KeyIn) -> Any:
    people = people_unfiltered()
    rows: Any = sa.select(AuditAuditee.audit_id, people.c.name)
    rows = rows.join(people, people.c.id == AuditAuditee.user_id)
    return rows.where(key_in(AuditAuditee.audit_id)).order_by(people.c.name, AuditAuditee.id)


def _standards(key_in: KeyIn) -> Any:
    named = standards_unfiltered()
    rows: Any = sa.select(AuditStandard.audit_id, named.c.code)
    rows = rows.join(named, named.c.id == AuditStandard.standard_id)
    return rows.where(key_in(AuditStandard.audit_id)).order_by(named.c.code)


def _covered(key_in: KeyIn) -> Any:
    cited = citations_unfiltered()
    rows: Any = sa.select(AuditClause.audit_id, cited.c.code, cited.c.number, cited.c.title)
    rows = rows.join(cited, cited.c.id == AuditClause.clause_id)
    return rows.where(key_in(AuditClause.audit_id)).order_by(cited.c.code, cited.c.sort_key)


def _samples(key_in: KeyIn) -> Any:
    """Select the samples, each with how many items were looked at, and did not conform."""
    looked = sa.func.count(SampleItem.result)
    bad = sa.func.count().filter(SampleItem.result == SampleResult.NONCONFORMING)
    statement: Any = sa.select(SampleSet.audit_id, SampleSet, looked, bad)
    statement = statement.join(SampleItem, SampleItem.sample_set_id == SampleSet.id)
    statement = statement.where(key_in(SampleSet.audit_id))
    return statement.group_by(SampleSet.organization_id, SampleSet.id).order_by(
        SampleSet.created_at, SampleSet.id
    )


clauses = batch_rows(READ, _clauses)
clauses_in_use = batch_rows(READ, _clauses_in_use)
team = batch_rows(READ, _team)
reviewer = batch_rows(READ, _reviewer)
signatures = signatures_of_subject_unfiltered
partakers = batch_rows(READ, _partakers)
auditees = batch_rows(READ, _auditees)
auditee_ids = batch_rows(READ, _auditee_ids)
standards = batch_rows(READ, _standards)
covered = batch_rows(READ, _covered)
samples = batch_rows(READ, _samples)
partial = batch_rows(READ, _partial)
unfit = batch_rows(READ, _unfit)
photographed = batch_rows(READ, _photographed)

# Findings and actions come later in the flow; their modules supply what is told of them.
OPENS_FINDING = "findingOpen"
findings = Supplied()  # of each but VOID: its response, grade, whether CLOSED, whether of an audit
findings_drafted = Supplied()  # the records that OPENS_FINDING opens with the report
findings_going_on = Supplied()  # of each that has not ended: prefix, id, reference and status
finding_references = Supplied()  # of all findings
visible_findings = Supplied()  # to the caller, but VOID: response, grade, whether it has ended
listed_findings = Supplied()  # the same: reference, grade, title, status, and the primary clause
responses_acted_on = Supplied()  # the responses whose findings have an action, but CANCELLED ones

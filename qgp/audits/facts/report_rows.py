"""Rows of an audit report, for many audits at once."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.model import (
    Audit,
    AuditAuditee,
    AuditClause,
    AuditStandard,
    AuditTeamMember,
    SampleItem,
    SampleSet,
)
from qgp.audits.model.terms import AuditTeamRole, SampleResult
from qgp.audits.policy import READ
from qgp.kit.facts import LateBoundLoader, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.shared_terms import FindingGrade
from qgp.signatures.facts import signatures_of_subject_unfiltered
from qgp.standards.facts import citations_unfiltered, standards_unfiltered
from qgp.users.facts import people_unfiltered


class TeamMember(NamedTuple):
    """A member of the audit team."""

    user_id: UUID
    name: str
    role: AuditTeamRole
    override_reason: str | None


class Citation(NamedTuple):
    """A clause with the code of its standard."""

    code: str
    number: str
    title: str


class Sample(NamedTuple):
    """A sample set with the numbers of examined and nonconforming items."""

    sample_set: SampleSet
    recorded: int
    nonconforming: int


class VisibleFinding(NamedTuple):
    """A finding visible to the caller that is not VOID."""

    response_id: UUID | None
    grade: FindingGrade
    has_ended: bool


class ListedFinding(NamedTuple):
    """A finding visible to the caller that is not VOID, with its primary clause, if any.

    Attributes:
        supplemented_at: null unless it supplements the issued report.
    """

    reference: str
    grade: FindingGrade
    title: str
    status: Any
    code: str | None
    number: str | None
    clause_title: str | None
    supplemented_at: datetime | None
    supplement_reason: str | None


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


team = batch_rows(READ, _team, TeamMember)
reviewer = batch_rows(READ, _reviewer)
signatures = signatures_of_subject_unfiltered
auditees = batch_rows(READ, _auditees)
standards = batch_rows(READ, _standards)
cited_clauses = batch_rows(READ, _covered, Citation)
samples = batch_rows(READ, _samples, Sample)

# Bound by the findings module, which comes later in the flow.
visible_findings = LateBoundLoader(VisibleFinding)
listed_findings = LateBoundLoader(ListedFinding)

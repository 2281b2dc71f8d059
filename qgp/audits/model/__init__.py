"""Tables of audits, audit teams, responses and sample sets (ISO 9001:2015, 9.2; ISO 19011:2018)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from qgp.audits.model.terms import (
    UNBEGUN,
    UNSUBMITTED,
    AuditConclusion,
    AuditResult,
    AuditSource,
    AuditStatus,
    AuditTeamRole,
    AuditType,
    SampleMethod,
    SampleResult,
)
from qgp.kit import sql_dates
from qgp.kit.assignment import assigned
from qgp.kit.errors import AlreadyExists
from qgp.kit.indexes import Serves, index
from qgp.kit.model import Record, check, in_order, in_range, ref, unique
from qgp.kit.reference_numbers import Numbered
from qgp.kit.shared_terms import AuditMethod
from qgp.kit.text_keys import searchable, sortable
from qgp.kit.workflow import Stateful

_POINTS = sa.Numeric(14, 2)
_PERCENT = sa.Numeric(5, 2)


class Audit(Numbered, Stateful, Record):
    """A systematic, independent and documented evaluation of evidence (ISO 9000:2015, 3.13.1).

    Attributes:
        programme_item_id: the programme item that the audit performs; of an item, at most one audit
            is not CANCELLED.
    """

    __tablename__ = "audits"
    prefix = "aud"
    reference_prefix = "AUD"

    type: Mapped[AuditType]
    method: Mapped[AuditMethod]
    source: Mapped[AuditSource]
    status: Mapped[AuditStatus]
    title: Mapped[str] = sortable()
    scope: Mapped[str | None] = searchable()
    criteria: Mapped[str | None]
    planned_start_on: Mapped[date | None]
    planned_end_on: Mapped[date | None]
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    reported_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    opening_notes: Mapped[str | None]
    closing_notes: Mapped[str | None]
    external_body: Mapped[str | None] = searchable()
    external_reference: Mapped[str | None]
    raw_score: Mapped[Decimal | None] = mapped_column(_POINTS)
    max_score: Mapped[Decimal | None] = mapped_column(_POINTS)
    score_pct: Mapped[Decimal | None] = mapped_column(_PERCENT)
    score_hash: Mapped[str | None]
    overridden_pct: Mapped[Decimal | None] = mapped_column(_PERCENT)
    override_reason: Mapped[str | None]
    post_capa_pct: Mapped[Decimal | None] = mapped_column(_PERCENT)
    result: Mapped[AuditResult | None]
    conclusion: Mapped[AuditConclusion | None]
    programme_item_id: Mapped[UUID | None] = ref(
        "programme_items", serves=(Serves.LIST, Serves.DELETION)
    )
    site_id: Mapped[UUID | None] = ref("sites")
    department_id: Mapped[UUID | None] = ref("departments")
    process_id: Mapped[UUID | None] = ref("processes")
    template_version_id: Mapped[UUID | None] = ref("template_versions")
    lead_auditor_id: Mapped[UUID | None] = assigned(open_in=UNSUBMITTED)
    overridden_by_id: Mapped[UUID | None] = ref("users")
    reviewed_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        index("ix_audits_planned", "status", "planned_start_on", "id", serves=Serves.FILTER),
        index("ix_audits_calendar", "planned_start_on", "id", serves=Serves.ORDER),
        index("ix_audits_led", "lead_auditor_id", "status", serves=Serves.OPEN_WORK),
        index(
            "uq_audits_programme_item",
            "programme_item_id",
            serves=Serves.RULE,
            unique=True,
            postgresql_where=sa.text("status <> 'CANCELLED'"),
        ),
        in_order(
            "days",
            "planned_start_on",
            "planned_end_on",
            "The planned end of an audit is on or after its planned start. Set plannedEndOn "
            "to the same day or later.",
        ),
        check("score_pct", "score_pct BETWEEN 0 AND 100"),
        in_range(
            "overridden_pct", 0, 100, "A percentage is from 0 to 100. Send another overriddenPct."
        ),
        check("post_capa_pct", "post_capa_pct BETWEEN 0 AND 100"),
        check(
            "override", "num_nonnulls(overridden_pct, override_reason, overridden_by_id) IN (0, 3)"
        ),
        check(
            "completion",
            "status NOT IN ('FIELDWORK_DONE', 'IN_REVIEW', 'REPORTED', 'CLOSED') OR "
            "(result IS NOT NULL AND completed_at IS NOT NULL)",
        ),
    )


class AuditStandard(Record):
    """A standard of the audit criteria."""

    __tablename__ = "audit_standards"
    prefix = "aus"
    part_of = "audit_id"
    removable = True

    audit_id: Mapped[UUID] = ref("audits")
    standard_id: Mapped[UUID] = ref("standards")

    __table_args__: Any = (unique("audit_id", "standard_id"),)


class AuditClause(Record):
    """A clause of the audit criteria."""

    __tablename__ = "audit_clauses"
    prefix = "auc"
    part_of = "audit_id"
    removable = True

    audit_id: Mapped[UUID] = ref("audits")
    clause_id: Mapped[UUID] = ref("clauses")

    __table_args__: Any = (unique("audit_id", "clause_id"),)


class AuditTeamMember(Record):
    """A member of the audit team, impartial towards the audited department and process."""

    __tablename__ = "audit_team_members"
    prefix = "atm"
    part_of = "audit_id"
    removable = True

    role: Mapped[AuditTeamRole]
    override_reason: Mapped[str | None] = searchable()
    audit_id: Mapped[UUID] = ref("audits")
    user_id: Mapped[UUID] = assigned(is_work=False, serves=Serves.SCOPE)
    overridden_by_id: Mapped[UUID | None] = ref("users")

    __table_args__: Any = (
        unique(
            "audit_id",
            "user_id",
            error=AlreadyExists(
                "This user is a member of the audit team already. Each user is a member once; "
                "change the role (auditTeamMemberUpdate).",
                "userId",
            ),
        ),
        index(
            "uq_audit_team_members_lead",
            "audit_id",
            serves=Serves.RULE,
            unique=True,
            postgresql_where=sa.text("role = 'LEAD'"),
        ),
        check("override", "(override_reason IS NULL) = (overridden_by_id IS NULL)"),
    )


class AuditAuditee(Record):
    """An auditee, who can read the audit whatever their role (ISO 9000:2015, 3.13.12)."""

    __tablename__ = "audit_auditees"
    prefix = "aue"
    part_of = "audit_id"
    removable = True

    audit_id: Mapped[UUID] = ref("audits")
    user_id: Mapped[UUID] = assigned(is_work=False, path="auditeeIds", serves=Serves.SCOPE)

    __table_args__: Any = (unique("audit_id", "user_id"),)


class AuditResponse(Record):
    """The response to a question in one repetition of its section.

    Attributes:
        value: one entry, named after the kind of response; null where the question does not apply.
        client_sequences: the highest `clientSequence` of each device that has responded.
    """

    __tablename__ = "audit_responses"
    prefix = "rsp"

    repeat_index: Mapped[int]
    value: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    is_na: Mapped[bool]
    na_reason: Mapped[str | None]
    comment: Mapped[str | None]
    score: Mapped[Decimal | None] = mapped_column(_POINTS)
    max_score: Mapped[Decimal | None] = mapped_column(_POINTS)
    is_failed: Mapped[bool]
    no_finding_reason: Mapped[str | None]
    client_id: Mapped[str]
    client_sequence: Mapped[int]
    client_sequences: Mapped[dict[str, Any]]
    answered_at: Mapped[datetime]
    audit_id: Mapped[UUID] = ref("audits")
    question_id: Mapped[UUID] = ref("questions", serves=Serves.DELETION)
    answered_by_id: Mapped[UUID] = ref("users")

    __table_args__: Any = (
        unique(
            "audit_id",
            "question_id",
            "repeat_index",
            error=AlreadyExists(
                "Another response to this question was recorded at the same moment. Each question "
                "has one response in each repetition; send yours again.",
                "questionId",
            ),
        ),
        check("repeat_index", "repeat_index >= 0"),
        check("answer", "is_na = (value IS NULL)"),
        check("failure", "NOT is_na OR NOT is_failed"),
        check("points", "score BETWEEN 0 AND max_score"),
    )


class SampleSet(Record):
    """A sample of a population too large to be examined as a whole (ISO 19011:2018, A.6)."""

    __tablename__ = "sample_sets"
    prefix = "sms"

    population_description: Mapped[str]
    population_size: Mapped[int]
    method: Mapped[SampleMethod]
    seed: Mapped[str | None]
    size: Mapped[int]
    audit_id: Mapped[UUID] = ref("audits", serves=Serves.LIST)

    __table_args__: Any = (
        check("sizes", "size BETWEEN 1 AND population_size"),
        check("drawing", "(method = 'RANDOM') = (seed IS NOT NULL)"),
    )


class SampleItem(Record):
    """One item of a sample set."""

    __tablename__ = "sample_items"
    prefix = "smi"
    part_of = "sample_set_id"

    position: Mapped[int]
    number: Mapped[int | None]
    reference: Mapped[str | None] = searchable()
    result: Mapped[SampleResult | None]
    evidence: Mapped[str | None]
    sample_set_id: Mapped[UUID] = ref("sample_sets")

    __table_args__: Any = (
        unique(
            "sample_set_id",
            "position",
            error=AlreadyExists(
                "The sample set has an item at this position already. Each position is used once; "
                "choose another.",
                "position",
            ),
        ),
    )


due = sql_dates.due(
    planned_start_on=UNBEGUN,
    planned_end_on={AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE},
)

"""Mutations of audits, audit teams, responses and sample sets."""

import datetime
from decimal import Decimal

import strawberry

from qgp.audits import loaders, policy, workflow
from qgp.audits.commands import audits, responses, samples, team_members, transitions
from qgp.audits.model.terms import AnswerVerdict, AuditTeamRole
from qgp.audits.types import Audit, AuditTeamMember, SampleItem, SampleSet
from qgp.kit.decimals import WRITTEN
from qgp.kit.gql import (
    PROSE,
    REASON,
    Input,
    bulk,
    command,
    command_input,
    create,
    input_field,
    input_type,
    mutations_of,
    update,
)

_CLAUSES = "All clauses of the audit criteria; at most 200."
_STANDARDS = "All standards of the audit criteria; at most 50."
_AUDITEES = "All representatives of the auditee; at most 50."


class AuditCreateFields:
    """Fields of a new record beside those of its type."""

    standard_ids: list[strawberry.ID] = input_field(_STANDARDS, id_of="std", default_factory=list)
    clause_ids: list[strawberry.ID] = input_field(_CLAUSES, id_of="cls", default_factory=list)
    auditee_ids: list[strawberry.ID] = input_field(_AUDITEES, id_of="usr", default_factory=list)


class AuditUpdateFields:
    """Fields of a change beside those of the type."""

    standard_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(_STANDARDS, id_of="std")
    clause_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(_CLAUSES, id_of="cls")
    auditee_ids: strawberry.Maybe[list[strawberry.ID]] = input_field(_AUDITEES, id_of="usr")


@input_type
class AnswerLocationInput:
    """A geographic position in degrees (WGS 84)."""

    latitude: str = input_field("Latitude, -90 to 90, north positive; a `Decimal`.", shape=WRITTEN)
    longitude: str = input_field(
        "Longitude, -180 to 180, east positive; a `Decimal`.", shape=WRITTEN
    )


@input_type(one_of=True)
class AnswerValueInput:
    """The value of a response: exactly the one field that fits the question's type."""

    verdict: strawberry.Maybe[AnswerVerdict] = input_field(
        "Response to YES_NO, PASS_FAIL and CONFORMITY."
    )
    options: strawberry.Maybe[list[str]] = input_field(
        "Keys of the chosen options, for SINGLE (exactly one) and MULTI."
    )
    number: strawberry.Maybe[str] = input_field(
        "Response to NUMBER, TEMPERATURE and CALCULATED; for RATING a whole number from "
        "minimum to maximum. A `Decimal`; another text refuses this one response only.",
        shape=WRITTEN,
    )
    text: strawberry.Maybe[str] = input_field(
        "Response to TEXT; for PHOTO, SIGNATURE and ASSET a reference to the item.", most=PROSE
    )
    date: strawberry.Maybe[datetime.date] = input_field("Response to DATE.")
    time: strawberry.Maybe[str] = input_field("Response to TIME, HH:MM from 00:00 to 23:59.")
    user_id: strawberry.Maybe[strawberry.ID] = input_field("Response to PERSON.", id_of="usr")
    site_id: strawberry.Maybe[strawberry.ID] = input_field("Response to SITE.", id_of="sit")
    location: strawberry.Maybe[AnswerLocationInput] = input_field("Response to GPS.", nested=True)


@input_type
class AuditAnswerInput:
    """A response to a question: a value, or `isNa` with a reason."""

    question_id: strawberry.ID = input_field(
        "Question of the audit's template version, visible or not.", id_of="qst"
    )
    repeat_index: int = input_field("Repetition of the question's section, from 0.", default=0)
    value: AnswerValueInput | None = input_field(
        "Value of the response; absent with `isNa`.", nested=True, default=None
    )
    is_na: bool = input_field("Whether the question is not applicable.", default=False)
    na_reason: str | None = input_field(
        "Reason why the question is not applicable; required with `isNa`.", most=2000, default=None
    )
    comment: str | None = input_field(
        "Comment, such as the objective evidence seen.", most=PROSE, default=None
    )
    client_id: str = input_field(
        "Identifier of your device, the same in each response that it sends."
    )
    client_sequence: int = input_field(
        "Counter of your device's responses, from 1; never used twice."
    )
    answered_at: datetime.datetime = input_field(
        "Time of the response by your device's clock; at most 5 minutes in the future."
    )


@input_type
class AuditResponsesRecordInput:
    """Parameters for `auditResponsesRecord`."""

    audit_id: strawberry.ID = input_field(
        "The audit, IN_PROGRESS, with you on its team.", id_of="aud"
    )
    answers: list[AuditAnswerInput] = input_field("Responses in any order, at most 100.")


audit_create = create(
    Audit,
    policy.CREATE,
    audits.create,
    description="Plans an audit, which is PLANNED (ISO 9001:2015, 9.2.2).",
    more=AuditCreateFields,
)
audit_update = update(
    Audit,
    policy.UPDATE,
    audits.change,
    description="Changes an audit before its report is issued. LEAD_AUDITOR and AUDITOR "
    "change the audits that they lead or created.",
    more=AuditUpdateFields,
)
audit_transitions = mutations_of(workflow.AUDIT)
audit_score_override = command(
    transitions.override_score,
    input=command_input(
        Input("overridden_pct", "Percentage, 0 to 100, with at most two decimals.", Decimal), REASON
    ),
    permission=policy.DECIDE,
    result=loaders.audit_by_id,
    description="Overrides the computed score of an audit that is FIELDWORK_DONE or "
    "IN_REVIEW. `result` is derived from the new percentage; a failed CRITICAL "
    "question still fails the audit.",
)
audit_team_member_add = create(
    AuditTeamMember,
    policy.UPDATE,
    team_members.add,
    description="Adds a member to the audit team and raises the audit's `version`. Requires "
    "an audit up to IN_PROGRESS and a team of fewer than 50.",
)


class AuditTeamMemberUpdateFields:
    """Fields of a change beside those of the type."""

    role: AuditTeamRole = input_field("New role; LEAD is set with `auditUpdate` (leadAuditorId).")


audit_team_member_update = update(
    AuditTeamMember,
    policy.UPDATE,
    team_members.change,
    description="Changes the role of an audit team member and raises the audit's `version`. "
    "Requires an audit up to IN_PROGRESS.",
    more=AuditTeamMemberUpdateFields,
)
audit_team_member_override_conflict = command(
    team_members.override_conflict,
    input=command_input(REASON),
    permission=policy.OVERRIDE_CONFLICT,
    result=loaders.audit_team_member_by_id,
    description="Records why a member who belongs to the audited department, or owns the "
    "audited process, is impartial nevertheless, before the audit report is issued. The report "
    "shows the reason. Segregation of duties: not for the member themselves.",
)
audit_team_member_remove = command(
    team_members.remove,
    input=command_input(id_of="atm"),
    permission=policy.UPDATE,
    result=loaders.audit_by_id,
    description="Removes a member, other than the lead auditor, from the audit team; returns "
    "the audit. Requires an audit up to IN_PROGRESS.",
    deletes=True,
)
audit_responses_record = bulk(
    command(
        responses.record,
        input=AuditAnswerInput,
        permission=policy.RECORD_RESPONSES,
        result=loaders.audit_response_by_id,
        description="Records a response to a question.",
    ),
    input=AuditResponsesRecordInput,
    rows="answers",
    description="Records up to 100 responses, each accepted or refused separately; repeating "
    "the request is safe. There is one response for each question and repetition. "
    "A higher `clientSequence` of the same device replaces its previous response; "
    "the current one with the same content succeeds unchanged. A lower one, the "
    "same one with other content, and a response with `answeredAt` no later than "
    "another device's are refused with CONFLICT, and the result shows the current "
    "response.",
)
audit_response_justify_no_finding = command(
    responses.justify_no_finding,
    input=command_input(REASON),
    permission=policy.RECORD_RESPONSES,
    result=loaders.audit_response_by_id,
    description="Records why a failing response without a finding needs none. The caller must be "
    "on the audit team, other than as an observer, and the audit IN_PROGRESS or FIELDWORK_DONE. "
    "Does not replace the finding that the question requires (`isFindingCreatedOnFail`).",
)
sample_set_create = create(
    SampleSet,
    policy.RECORD_RESPONSES,
    samples.create,
    description="Creates a sample set; the server draws the item numbers of a RANDOM one.",
)
sample_item_record = update(
    SampleItem,
    policy.RECORD_RESPONSES,
    samples.record,
    description="Records reference, result and evidence of a sample item. Requires an audit "
    "that is IN_PROGRESS.",
)

"""Planning, performing and reporting audits."""

import datetime
from decimal import Decimal

import strawberry

from qgp.audits import loaders, policy, workflow
from qgp.audits.commands import audits, members, responses, samples, transitions
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

_CLAUSES = "All clauses it covers; at most 200."
_STANDARDS = "All standards it is held against; at most 50."
_AUDITEES = "Everybody who is audited; at most 50."
_LEAD = "Who leads it, and becomes the LEAD of the team; nobody of the audited department, nor the \
owner of the process, unless an administrator put them on the team with a reason before."


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
    """A place on earth, in degrees (WGS 84)."""

    latitude: str = input_field("From -90 to 90, north is above 0; a `Decimal`.", shape=WRITTEN)
    longitude: str = input_field("From -180 to 180, east is above 0; a `Decimal`.", shape=WRITTEN)


@input_type(one_of=True)
class AnswerValueInput:
    """What is answered; exactly the field that fits the question's type."""

    verdict: strawberry.Maybe[AnswerVerdict] = input_field("To YES_NO, PASS_FAIL and CONFORMITY.")
    options: strawberry.Maybe[list[str]] = input_field(
        "Keys of the options chosen; SINGLE takes one."
    )
    number: strawberry.Maybe[str] = input_field(
        "To NUMBER, TEMPERATURE and CALCULATED; to RATING a whole number from minimum to maximum. "
        "Written as a `Decimal`; one that is not is refused with its answer alone.",
        shape=WRITTEN,
    )
    text: strawberry.Maybe[str] = input_field(
        "To TEXT; to PHOTO, SIGNATURE and ASSET, what tells where it is.", most=PROSE
    )
    date: strawberry.Maybe[datetime.date] = input_field("To DATE.")
    time: strawberry.Maybe[str] = input_field("To TIME, as HH:MM from 00:00 to 23:59.")
    user_id: strawberry.Maybe[strawberry.ID] = input_field("To PERSON.", id_of="usr")
    site_id: strawberry.Maybe[strawberry.ID] = input_field("To SITE.", id_of="sit")
    location: strawberry.Maybe[AnswerLocationInput] = input_field("To GPS.", nested=True)


@input_type
class AuditAnswerInput:
    """An answer to a question: a value, or that the question does not apply."""

    question_id: strawberry.ID = input_field(
        "Of the audit's checklist, hidden or not.", id_of="qst"
    )
    repeat_index: int = input_field("The run of its section, from 0.", default=0)
    value: AnswerValueInput | None = input_field("What is answered.", nested=True, default=None)
    is_na: bool = input_field("Whether the question does not apply.", default=False)
    na_reason: str | None = input_field(
        "Why it does not apply; needed where it does not.", most=2000, default=None
    )
    comment: str | None = input_field("What was seen.", most=PROSE, default=None)
    client_id: str = input_field("Your device, always the same for the same device.")
    client_sequence: int = input_field("Counts what your device writes, from 1; never used twice.")
    answered_at: datetime.datetime = input_field(
        "When, by your device's clock; at most 5 minutes ahead."
    )


@input_type
class AuditResponsesRecordInput:
    """Answers of one audit."""

    audit_id: strawberry.ID = input_field(
        "The audit, IN_PROGRESS, whose team you are on.", id_of="aud"
    )
    answers: list[AuditAnswerInput] = input_field("The answers, in any order; at most 100.")


audit_create = create(
    Audit, policy.CREATE, audits.create, description="Plan an audit.", more=AuditCreateFields
)
audit_update = update(
    Audit,
    policy.UPDATE,
    audits.change,
    description="Change an audit that is not reported; auditors those that they lead or planned.",
    more=AuditUpdateFields,
)
audit_transitions = mutations_of(workflow.AUDIT)
audit_score_override = command(
    transitions.override_score,
    input=command_input(
        Input("overridden_pct", "0 to 100, with at most two decimals.", Decimal), REASON
    ),
    permission=policy.DECIDE,
    result=loaders.audit_by_id,
    description="Put another percentage in the place of the computed one, while the audit is "
    "FIELDWORK_DONE or IN_REVIEW; the result follows it, but a critical failure still fails.",
)
audit_team_member_add = create(
    AuditTeamMember,
    policy.UPDATE,
    members.add,
    description="Let somebody join the team; it counts as a change of the audit.",
)


class AuditTeamMemberUpdateFields:
    """Fields of a change beside those of the type."""

    role: AuditTeamRole = input_field("What they do from now on; not LEAD.")


audit_team_member_update = update(
    AuditTeamMember,
    policy.UPDATE,
    members.change,
    description="Give somebody of the team another role; it counts as a change of the audit.",
    more=AuditTeamMemberUpdateFields,
)
audit_team_member_override_conflict = command(
    members.override_conflict,
    input=command_input(REASON),
    permission=policy.OVERRIDE_CONFLICT,
    result=loaders.audit_team_member_by_id,
    description="Say why it does no harm that a member belongs to what is audited; the report "
    "shows it.",
)
audit_team_member_remove = command(
    members.remove,
    input=command_input(id_of="atm"),
    permission=policy.UPDATE,
    result=loaders.audit_by_id,
    description="Let somebody leave the team, but for its lead; the audit comes back.",
    deletes=True,
)
audit_responses_record = bulk(
    command(
        responses.record,
        input=AuditAnswerInput,
        permission=policy.RECORD_RESPONSES,
        result=loaders.audit_response_by_id,
        description="Answer a question.",
    ),
    input=AuditResponsesRecordInput,
    rows="answers",
    description="Write up to 100 answers down, each for itself; sending them again is harmless. "
    "There is one answer for each question and run. A device's newer `clientSequence` replaces "
    "what it wrote before; the one that stands, with the same content, is done already. An older "
    "one, the same one with other content, and an answer that was given no later (`answeredAt`) "
    "than another device's are refused with CONFLICT, and the result shows the answer that stands.",
)
audit_response_justify_no_finding = command(
    responses.justify_no_finding,
    input=command_input(REASON),
    permission=policy.RECORD_RESPONSES,
    result=loaders.audit_response_by_id,
    description="Say why a failing answer that has no finding needs none: the team, while the "
    "audit is IN_PROGRESS or FIELDWORK_DONE. It does not take the place of a finding that the "
    "question asks for (`isFindingCreatedOnFail`).",
)
sample_set_create = create(
    SampleSet,
    policy.RECORD_RESPONSES,
    samples.create,
    description="Choose a sample; the numbers of a RANDOM one are drawn by the server.",
)
sample_item_record = update(
    SampleItem,
    policy.RECORD_RESPONSES,
    samples.record,
    description="Say which item it was, and what was seen, while its audit is IN_PROGRESS.",
)

"""Planning, performing and reporting audits."""

from qgp.audits import answering, members, policy, progress, samples, service, workflow
from qgp.audits.inputs import (
    AuditAnswerInput,
    AuditCreateFields,
    AuditRespondInput,
    AuditScoreOverrideInput,
    AuditTeamMemberAddInput,
    AuditUpdateFields,
    SampleItemRecordInput,
)
from qgp.audits.loaders import (
    audit_by_id,
    audit_response_by_id,
    audit_team_member_by_id,
    sample_item_by_id,
    sample_set_by_id,
)
from qgp.audits.terms import AuditTeamRole
from qgp.audits.types import Audit, AuditTeamMember, SampleSet
from qgp.kit.gql import bulk, command, create, given, mutations_of, step, update

audit_create = create(
    Audit,
    policy.CREATE,
    service.create,
    returns=audit_by_id,
    description="Plan an audit.",
    more=AuditCreateFields,
)
audit_update = update(
    Audit,
    policy.UPDATE,
    service.change,
    returns=audit_by_id,
    description="Change an audit that is not reported; auditors those that they lead or planned.",
    more=AuditUpdateFields,
)
audit_transitions = mutations_of(workflow.AUDIT, audit_by_id)
audit_score_override = command(
    progress.override_score,
    takes=AuditScoreOverrideInput,
    may=policy.DECIDE,
    returns=audit_by_id,
    description="Put another percentage in the place of the computed one; the result follows it, "
    "but a critical failure still fails.",
)
audit_team_member_add = command(
    members.add,
    takes=AuditTeamMemberAddInput,
    may=policy.UPDATE,
    returns=audit_team_member_by_id,
    description="Let somebody join the team; it counts as a change of the audit.",
    creates=True,
)


class AuditTeamMemberUpdateFields:
    """Fields of a change beside those of the type."""

    role: AuditTeamRole = given("What they do from now on; not LEAD.")


audit_team_member_update = update(
    AuditTeamMember,
    policy.UPDATE,
    members.change,
    returns=audit_team_member_by_id,
    description="Give somebody of the team another role; it counts as a change of the audit.",
    more=AuditTeamMemberUpdateFields,
)
audit_team_member_override = command(
    members.override,
    takes=step("atm", explained=True),
    may=policy.OVERRIDE,
    returns=audit_team_member_by_id,
    description="Say why it does no harm that a member belongs to what is audited; the report "
    "shows it.",
)
audit_team_member_remove = command(
    members.remove,
    takes=step("atm"),
    may=policy.UPDATE,
    returns=audit_by_id,
    description="Let somebody leave the team, but for its lead; the audit comes back.",
    deletes=True,
)
audit_respond = bulk(
    command(
        answering.respond,
        takes=AuditAnswerInput,
        may=policy.RESPOND,
        returns=audit_response_by_id,
        description="Answer a question.",
    ),
    takes=AuditRespondInput,
    rows="answers",
    description="Write up to 100 answers down, each for itself; sending them again is harmless. "
    "There is one answer for each question and run. A device's newer `clientSequence` replaces "
    "what it wrote before; the one that stands, with the same content, is done already. An older "
    "one, the same one with other content, and an answer that was given no later (`answeredAt`) "
    "than another device's are refused with CONFLICT, and the result shows the answer that stands.",
)
audit_response_explain = command(
    answering.explain,
    takes=step("rsp", explained=True),
    may=policy.RESPOND,
    returns=audit_response_by_id,
    description="Say why a failing answer that has no finding needs none: the team, while the "
    "audit is IN_PROGRESS or FIELDWORK_DONE. It does not take the place of a finding that the "
    "question asks for (`isFindingCreatedOnFail`).",
)
sample_set_create = create(
    SampleSet,
    policy.RESPOND,
    samples.create,
    returns=sample_set_by_id,
    description="Choose a sample; the numbers of a RANDOM one are drawn by the server.",
)
sample_item_record = command(
    samples.record,
    takes=SampleItemRecordInput,
    may=policy.RESPOND,
    returns=sample_item_by_id,
    description="Say which item it was, and what was seen.",
)

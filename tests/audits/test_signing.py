"""Who leads an audit signs what is handed over, who reviews it signs what is issued."""

from typing import Any

import pytest
import sqlalchemy as sa

from qgp.audits.model import Audit, AuditAuditee, AuditResponse, AuditTeamMember, SampleItem
from qgp.audits.model.terms import AuditStatus, AuditTeamRole, SampleResult
from qgp.kit.policy import Role
from tests.audits.asking import SIGNED, answer, blockers, done, errors_of, read, respond, take
from tests.audits.audit_records import AuditRecords, asked
from tests.company import Client, Company, Person, signature
from tests.evidence import unchanged

SIGNATURES = "signatures { nodes { meaning state signer { id } action subjectVersion } }"
VERIFY = """query ($id: ID!) { signatureVerify(signatureId: $id) {
    isIntact isContentUnchanged signature { state } } }"""


@pytest.fixture
async def lead(company: Company) -> Person:
    """A lead auditor."""
    return await company.hire(Role.LEAD_AUDITOR)


async def unsigned(api: Client, step: str, row: Audit) -> str:
    """Take a step without a signature; return the code that is announced, and the refusal's."""
    shown = "availableTransitions { name signature blockers { code } }"
    options = (await read(api, row, shown))["availableTransitions"]
    (option,) = [option for option in options if option["name"] == step]
    assert option["signature"] == SIGNED[step]
    kind = f"{step[0].upper()}{step[1:]}Input"
    document = f"mutation ($input: {kind}!) {{ {step}(input: $input) {{ errors {{ code }} }} }}"
    arguments = {"id": row.public_id, "expectedVersion": row.version}
    assert await api.refusal(document, input=arguments) == "BAD_USER_INPUT"
    (blocker,) = option["blockers"]
    code: str = blocker["code"]
    return code


async def test_an_audit_is_handed_over_and_issued_by_signature(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    await audit_records.finding(audit)
    async with lead.signed_in() as client:
        async with unchanged(company):
            assert await unsigned(client, "auditSubmit", audit) == "SIGNATURE"
            wrong = await take(client, "auditSubmit", audit, signature=signature("REVIEWED"))
            assert errors_of(wrong) == [("BAD_USER_INPUT", "signature.meaning")]
        await take(client, "auditSubmit", audit)
    now = await audit_records.now(audit)
    async with unchanged(company):
        assert await unsigned(api, "auditIssueReport", now) == "SIGNATURE"
    payload = await take(api, "auditIssueReport", now)
    assert payload["audit"]["status"] == "REPORTED"
    shown = await read(api, audit, f"{SIGNATURES} findings {{ nodes {{ {SIGNATURES} status }} }}")
    assert shown["signatures"]["nodes"] == [
        {
            "meaning": "AUTHORED",
            "state": "VALID",
            "signer": {"id": lead.id},
            "action": "auditSubmit",
            "subjectVersion": audit.version + 1,
        },
        {
            "meaning": "REVIEWED",
            "state": "VALID",
            "signer": {"id": company.owner.id},
            "action": "auditIssueReport",
            "subjectVersion": audit.version + 2,
        },
    ]
    (opened,) = shown["findings"]["nodes"]
    assert (opened["status"], opened["signatures"]["nodes"]) == ("OPEN", [])


async def test_nobody_signs_for_the_lead(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    lead = await company.hire(Role.QUALITY_MANAGER)
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    async with unchanged(company):
        payload = await take(api, "auditSubmit", audit)
        assert blockers(payload) == [("FORBIDDEN", None)]
        message = payload["errors"][0]["blockers"][0]["message"]
        assert message == "Only its leadAuditor may call auditSubmit."


async def test_another_lead_signs_in_the_place_of_one_who_left(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    heir, unfit = [await company.hire(role) for role in (Role.LEAD_AUDITOR, Role.EMPLOYEE)]
    arguments: dict[str, Any] = {"id": audit.public_id, "expectedVersion": audit.version}
    async with unchanged(company):
        refused = await api.do("auditUpdate", leadAuditorId=unfit.id, **arguments)
        assert errors_of(refused) == [("BAD_USER_INPUT", "leadAuditorId")]
    await done(api, "auditUpdate", leadAuditorId=heir.id, **arguments)
    async with heir.signed_in() as client:
        payload = await take(client, "auditSubmit", await audit_records.now(audit))
        assert payload["audit"]["status"] == "IN_REVIEW"
    arguments["expectedVersion"] = (await audit_records.now(audit)).version
    async with unchanged(company):
        refused = await api.do("auditUpdate", leadAuditorId=lead.id, **arguments)
        assert errors_of(refused) == [("BAD_USER_INPUT", "leadAuditorId")]


async def test_who_leads_an_audit_judges_it_by_no_signature(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, team=[(lead.user_id, "LEAD")])
    arguments = {"recordId": audit.public_id, "expectedVersion": audit.version}
    async with lead.signed_in() as client:
        async with unchanged(company):
            refused = await client.do("recordSign", signature=signature("REVIEWED"), **arguments)
            assert errors_of(refused) == [("FORBIDDEN", "signature.meaning")]
        acknowledged: dict[str, Any] = {"signature": signature("ACKNOWLEDGED"), **arguments}
        await done(client, "recordSign", "", **acknowledged)


async def test_a_signature_seals_what_the_report_tells(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Answers, samples, team and auditees, beside the audit's own fields."""
    checklist = await audit_records.checklist(asked())
    team, auditees = [(lead.user_id, "LEAD")], [company.owner.user_id]
    audit = await audit_records.audit(
        AuditStatus.IN_PROGRESS, checklist=checklist, team=team, auditees=auditees
    )
    async with lead.signed_in() as client:
        await respond(client, audit, answer(checklist.questions[0], value="YES"))
        what = {"populationDescription": "Gauges", "populationSize": 9, "size": 1}
        sample = {"auditId": audit.public_id, "method": "HAPHAZARD", **what}
        shown = "sampleSet { items(first: 1) { nodes { id } } }"
        payload = await done(client, "sampleSetCreate", shown, **sample)
        (item,) = payload["sampleSet"]["items"]["nodes"]
        recorded = {"id": item["id"], "expectedVersion": 1, "result": "UNAVAILABLE"}
        await done(client, "sampleItemRecord", "sampleItem { id }", **recorded)
        for step in ("auditCompleteFieldwork", "auditSubmit"):
            await take(client, step, await audit_records.now(audit))
    await audit_records.finding(audit)  # findings are raised until it is issued
    id = (await read(api, audit, "signatures { nodes { id } }"))["signatures"]["nodes"][0]["id"]
    assert await verified(api, id) == (True, True, "VALID")
    changes: list[tuple[type[Any], str, Any]] = [
        (AuditResponse, "comment", "Nothing."),
        (AuditTeamMember, "role", AuditTeamRole.AUDITOR),
        (AuditAuditee, "user_id", lead.user_id),
        (SampleItem, "result", SampleResult.CONFORMING),
    ]
    for kind, column, value in changes:
        async with audit_records.working() as work:
            (row,) = await work.rows(sa.select(kind))
            before = getattr(row, column)
            await work.change(row, {column: value})
        assert await verified(api, id) == (True, False, "SUPERSEDED"), kind
        async with audit_records.working() as work:
            await work.change(await work.get(kind, row.id), {column: before})
        assert await verified(api, id) == (True, True, "SUPERSEDED"), kind


async def test_what_changes_by_itself_is_not_sealed(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """The team answers, and a signature on the audit as it stands says nothing of that."""
    checklist = await audit_records.checklist(asked())
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    arguments: dict[str, Any] = {"recordId": audit.public_id, "expectedVersion": audit.version}
    arguments["signature"] = signature("ACKNOWLEDGED")
    async with lead.signed_in() as client:
        payload = await done(client, "recordSign", "signature { id }", **arguments)
        await respond(client, audit, answer(checklist.questions[0], value="NO"))
        assert await verified(client, payload["signature"]["id"]) == (True, True, "VALID")


async def verified(api: Client, id: str) -> tuple[bool, bool, str]:
    """Say whether a signature is intact, whether its content is unchanged now, and its state."""
    verification = (await api.ask(VERIFY, id=id))["signatureVerify"]
    state = verification["signature"]["state"]
    return verification["isIntact"], verification["isContentUnchanged"], state

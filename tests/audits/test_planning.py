"""Planning audits: what they say, whom they concern, who changes them, who sees them."""

from typing import Any

import pytest

from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from qgp.templates.model.terms import TemplateVersionStatus
from tests.audits.asking import AUDIT, done, errors_of, read
from tests.audits.audit_records import AuditRecords, asked
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.matrix import role_cases

PLAN = {"type": "PROCESS", "method": "HYBRID", "source": "SECOND_PARTY", "title": "Gauges"}
FULL = """reference type method source status title scope criteria plannedStartOn plannedEndOn
    externalBody externalReference version site { id } department { id } process { id }
    templateVersion { id } leadAuditor { id } standards { id } clauses { nodes { clause { id } } }
    auditees { id } team { role user { id } } scorePct result conclusion"""


async def test_an_audit_is_planned_with_all_it_concerns(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    lead, worker = [await company.hire(r) for r in (Role.LEAD_AUDITOR, Role.EMPLOYEE)]
    unit, process = (
        await audit_records.department(),
        await audit_records.process(company.owner.user_id),
    )
    clause, checklist = await audit_records.clause(), await audit_records.checklist(asked())
    site = (await done(api, "siteCreate", "site { id }", code="HQ", name="HQ"))["site"]["id"]
    standard = f"std_{clause.standard_id.hex}"
    subject = {"siteId": site, "departmentId": unit.public_id, "processId": process.public_id}
    arguments = {
        **PLAN,
        **subject,
        "scope": "All gauges.",
        "criteria": "Our rules.",
        "plannedStartOn": "2027-03-01",
        "plannedEndOn": "2027-03-02",
        "externalBody": "Body",
        "externalReference": "X-1",
        "templateVersionId": checklist.version.public_id,
        "leadAuditorId": lead.id,
        "standardIds": [standard],
        "clauseIds": [clause.public_id],
        "auditeeIds": [worker.id],
        "idempotencyKey": "once",
    }
    shown = f"audit {{ id {FULL} }} auditEdge {{ cursor }}"
    payload = await done(api, "auditCreate", shown, **arguments)
    audit = payload["audit"]
    assert audit["reference"].startswith("AUD-")
    assert audit["reference"].endswith("-0001")
    assert audit["clauses"]["nodes"] == [{"clause": {"id": clause.public_id}}]
    assert (audit["standards"], audit["auditees"]) == ([{"id": standard}], [{"id": worker.id}])
    assert audit["team"] == [{"role": "LEAD", "user": {"id": lead.id}}]
    places = [audit[name]["id"] for name in ("site", "department", "process", "leadAuditor")]
    assert places == [site, unit.public_id, process.public_id, lead.id]
    assert (audit["status"], audit["result"]) == ("PLANNED", None)
    async with unchanged(company):
        again = await done(api, "auditCreate", AUDIT, **arguments)
        assert again["audit"]["id"] == audit["id"]
        other = await api.do("auditCreate", AUDIT, **{**arguments, "title": "Other"})
        assert errors_of(other) == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]


async def test_what_does_not_fit_is_refused_and_changes_nothing(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    draft = await audit_records.checklist(asked(), status=TemplateVersionStatus.DRAFT)
    clause = await audit_records.clause()
    nobody = "_" + "0" * 32
    async with unchanged(company):
        for more, error in (
            (
                {"plannedStartOn": "2027-03-02", "plannedEndOn": "2027-03-01"},
                ("OUT_OF_RANGE", "plannedEndOn"),
            ),
            (
                {"templateVersionId": draft.version.public_id},
                ("BAD_USER_INPUT", "templateVersionId"),
            ),
            ({"templateVersionId": f"tpv{nobody}"}, ("NOT_FOUND", "templateVersionId")),
            ({"clauseIds": [clause.public_id] * 2}, ("BAD_USER_INPUT", "clauseIds")),
            ({"clauseIds": [f"cls{nobody}"]}, ("NOT_FOUND", "clauseIds")),
            ({"standardIds": [f"std{nobody}"]}, ("NOT_FOUND", "standardIds")),
            ({"auditeeIds": [f"usr{nobody}"]}, ("NOT_FOUND", "auditeeIds")),
            ({"leadAuditorId": f"usr{nobody}"}, ("NOT_FOUND", "leadAuditorId")),
            ({"processId": f"prc{nobody}"}, ("NOT_FOUND", "processId")),
            ({"title": " "}, ("REQUIRED", "title")),
        ):
            assert errors_of(await api.do("auditCreate", AUDIT, **{**PLAN, **more})) == [error]


async def test_links_are_replaced_as_a_whole(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    first, second = await audit_records.clause(), await audit_records.clause()
    audit = await audit_records.audit(clause=first)
    at: dict[str, Any] = {"id": audit.public_id, "expectedVersion": 1}
    await done(api, "auditUpdate", **at, clauseIds=[second.public_id, first.public_id])
    at["expectedVersion"] = 2
    payload = await done(api, "auditUpdate", **at, clauseIds=[second.public_id])
    assert payload["audit"]["version"] == 3
    at["expectedVersion"] = 3
    same = await done(api, "auditUpdate", **at, clauseIds=[second.public_id])
    assert same["audit"]["version"] == 3
    record = await read(api, audit, "clauses { totalCount nodes { clause { id } } }")
    assert record["clauses"] == {
        "totalCount": 1,
        "nodes": [{"clause": {"id": second.public_id}}],
    }


async def test_a_scheduled_audit_keeps_what_it_was_announced_with(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    clause = await audit_records.clause()
    lead = (company.owner.user_id, "LEAD")
    audit = await audit_records.audit(AuditStatus.SCHEDULED, clause=clause, team=[lead])
    at: dict[str, Any] = {"id": audit.public_id, "expectedVersion": audit.version}
    async with unchanged(company):
        for name in ("plannedStartOn", "plannedEndOn", "scope", "leadAuditorId"):
            payload = await api.do("auditUpdate", AUDIT, **at, **{name: None})
            assert errors_of(payload) == [("REQUIRED", name)]
        payload = await api.do("auditUpdate", AUDIT, **at, clauseIds=[])
        assert errors_of(payload) == [("BAD_USER_INPUT", "clauseIds")]
    checklist = await audit_records.checklist(asked())
    version = {"templateVersionId": checklist.version.public_id}
    await done(api, "auditUpdate", **at, clauseIds=[], **version)


@pytest.mark.parametrize("status", AuditStatus)
async def test_each_state_leaves_less_to_change(
    api: Client, company: Company, audit_records: AuditRecords, status: AuditStatus
) -> None:
    audit = await audit_records.audit(status, clause=await audit_records.clause())
    at: dict[str, Any] = {"id": audit.public_id, "expectedVersion": audit.version}
    begun = status not in {AuditStatus.PLANNED, AuditStatus.SCHEDULED}
    over = status in {AuditStatus.REPORTED, AuditStatus.CLOSED, AuditStatus.CANCELLED}
    plan = await api.do("auditUpdate", AUDIT, **at, scope="Some gauges.")
    path = "id" if over else "scope"
    assert errors_of(plan) == ([("BAD_USER_INPUT", path)] if begun else [])
    at["expectedVersion"] = (await audit_records.now(audit)).version
    notes = {"openingNotes": "Met at 9.", "conclusion": "CONFORM", "auditeeIds": []}
    assert errors_of(await api.do("auditUpdate", AUDIT, **at, **notes)) == (
        [("BAD_USER_INPUT", "id")] if over else []
    )


READERS = {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}
UPDATERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.LEAD_AUDITOR, Role.AUDITOR}


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
@pytest.mark.parametrize("tie", [None, "lead", "creator", "auditee"])
async def test_auditors_change_their_own_audits(
    shared_audit_records: AuditRecords, role: Role, tie: str | None
) -> None:
    """And `viewerCanUpdate` says so before."""
    if tie == "lead" and role in READERS:
        return  # nobody of these roles can be made lead auditor
    person = await shared_audit_records.company.hire(role)
    team = [(person.user_id, "LEAD")] if tie == "lead" else []
    auditees = [person.user_id] if tie == "auditee" else []
    is_auditor = role in {Role.LEAD_AUDITOR, Role.AUDITOR}
    async with person.signed_in() as client:
        for status in AuditStatus:
            by = person.user_id if tie == "creator" else None
            audit = await shared_audit_records.audit(status, team=team, auditees=auditees, by=by)
            shown = await read(client, audit, "viewerCanUpdate") if _reads(role) else None
            arguments = {"id": audit.public_id, "expectedVersion": audit.version, "title": "New"}
            answer = await client.send(_UPDATE, input=arguments)
            sees = _reads(role) and (role is not Role.EMPLOYEE or tie in {"lead", "auditee"})
            may = role in UPDATERS and (not is_auditor or tie in {"lead", "creator"})
            may = may and status not in {"REPORTED", "CLOSED", "CANCELLED"}
            assert shown == ({"viewerCanUpdate": may} if sees else None)
            payload = answer["data"]["auditUpdate"]
            assert (payload is not None and payload["errors"] == []) == may, (status, answer)
            assert (await shared_audit_records.now(audit)).title == (
                "New" if may else "Gauges of the lab"
            )


_UPDATE = "mutation ($input: AuditUpdateInput!) { auditUpdate(input: $input) { errors { code } } }"


def _reads(role: Role) -> bool:
    return role is not Role.SUPPLIER_CONTACT


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_plans_audits(shared_audit_records: AuditRecords, role: Role) -> None:
    person = await shared_audit_records.company.hire(role)
    document = """mutation ($input: AuditCreateInput!) {
        auditCreate(input: $input) { errors { code } } }"""
    async with person.signed_in() as client:
        answer = await client.send(document, input=PLAN)
    may = role in UPDATERS | {Role.HSE_MANAGER}
    assert (answer["data"]["auditCreate"] == {"errors": []}) == may

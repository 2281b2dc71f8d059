"""Late findings: supplements to an issued report, and closed audits that are reopened."""

from typing import Any

from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import FindingStatus
from qgp.kit.policy import Role
from tests import factories
from tests.audits.asking import blockers, done, errors_of, read, take
from tests.audits.audit_records import AuditRecords
from tests.company import Client, Company
from tests.evidence import unchanged

WHY = "A customer sent the drawing after the report."
FINDING = "finding { id version reference status supplementedAt supplementReason }"
REPORT = """openFindings report { findingList { title } findings { total }
    supplements { title status supplementedAt supplementReason } }"""


def late(audit: Any, **facts: Any) -> dict[str, Any]:
    """Input of a finding of an audit."""
    said = {"title": "Late", "statement": "No drawing.", "evidenceText": "Seen."}
    return {"grade": "OFI", "sourceType": "AUDIT", "auditId": audit.public_id, **said, **facts}


async def test_the_lead_auditor_alone_supplements_an_issued_report(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    lead = await company.hire(Role.LEAD_AUDITOR)
    member = await company.hire(Role.AUDITOR)
    team = [(lead.user_id, "LEAD"), (member.user_id, "AUDITOR")]
    audit = await audit_records.audit(AuditStatus.REPORTED, team=team)
    await audit_records.finding(audit, FindingStatus.OPEN)
    closed = await audit_records.audit(AuditStatus.CLOSED, team=team)
    planned = await audit_records.audit(AuditStatus.SCHEDULED, team=team)
    async with lead.signed_in() as theirs, member.signed_in() as another, unchanged(company):
        for person in (api, another):
            refused = await person.do("findingCreate", **late(audit, reason=WHY))
            assert errors_of(refused) == [("FORBIDDEN", "auditId")]
            assert "you are not its lead auditor" in refused["errors"][0]["message"]
        assert errors_of(await theirs.do("findingCreate", **late(audit))) == [
            ("REQUIRED", "reason")
        ]
        for other in (closed, planned):
            refused = await theirs.do("findingCreate", **late(other, reason=WHY))
            assert errors_of(refused) == [("BAD_USER_INPUT", "auditId")]
    async with lead.signed_in() as theirs:
        supplement = (await done(theirs, "findingCreate", FINDING, **late(audit, reason=WHY)))[
            "finding"
        ]
        owned = {"id": supplement["id"], "expectedVersion": 1, "ownerId": company.owner.id}
        await done(theirs, "findingUpdate", FINDING, **owned)
        step = {"id": supplement["id"], "expectedVersion": 2}
        opened = (await done(theirs, "findingOpen", FINDING, **step))["finding"]
    assert (opened["status"], opened["supplementReason"]) == ("OPEN", WHY)
    assert await read(api, audit, REPORT) == {
        "openFindings": 2,
        "report": {
            "findingList": [{"title": "A gauge without a label"}],
            "findings": [{"total": total} for total in (0, 0, 1, 1, 0)],
            "supplements": [
                {
                    "title": "Late",
                    "status": "OPEN",
                    "supplementedAt": supplement["supplementedAt"],
                    "supplementReason": WHY,
                }
            ],
        },
    }


async def test_quality_reopens_a_closed_audit_with_a_reason(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    """Which a reopened finding of it leaves CLOSED."""
    lead = await company.hire(Role.LEAD_AUDITOR)
    audit = await audit_records.audit(AuditStatus.CLOSED, team=[(lead.user_id, "LEAD")])
    finding = await audit_records.finding(audit, FindingStatus.CLOSED)
    again: dict[str, Any] = {"id": finding.public_id, "expectedVersion": 1, "reason": WHY}
    await done(api, "findingReopen", FINDING, **again)
    assert await read(api, audit, "status openFindings") == {"status": "CLOSED", "openFindings": 1}
    async with unchanged(company):
        async with lead.signed_in() as theirs:
            document = """mutation ($i: AuditReopenInput!) { auditReopen(input: $i) {
                errors { code } } }"""
            sent: dict[str, Any] = {"id": audit.public_id, "expectedVersion": audit.version}
            sent |= {"reason": WHY}
            assert await theirs.refusal(document, i=sent) == "FORBIDDEN"
        refused = await take(api, "auditReopen", audit, reason=" ")
        assert errors_of(refused) == [("REQUIRED", "reason")]
    await done(api, "auditReopen", **sent)
    shown = await read(api, audit, "status closedOn postCapaPct version")
    assert shown == {"status": "REPORTED", "closedOn": None, "postCapaPct": None,
                     "version": audit.version + 1}  # fmt: skip
    refused = await take(api, "auditClose", audit, version=audit.version + 1)
    assert blockers(refused) == [("FINDINGS_TERMINAL", finding.public_id)]


async def test_the_number_of_open_findings_is_that_of_visible_ones(
    company: Company, audit_records: AuditRecords
) -> None:
    """Of a finding that another person owns, an employee who is an auditee sees nothing."""
    eve = await company.hire(Role.EMPLOYEE)
    audit = await audit_records.audit(AuditStatus.REPORTED, auditees=[eve.user_id])
    for owner, status in (
        (eve, FindingStatus.OPEN),
        (company.owner, FindingStatus.OPEN),
        (eve, FindingStatus.ACCEPTED),
        (eve, FindingStatus.VOID),
    ):
        await audit_records.finding(audit, status, owner_id=owner.user_id)
    for person, number in ((eve, 1), (company.owner, 2)):
        async with person.signed_in() as api:
            assert await read(api, audit, "openFindings") == {"openFindings": number}
            for least, total in ((number, 1), (number + 1, 0)):
                document = (
                    f"{{ audits(filter: {{openFindings: {{gte: {least}}}}}) {{ totalCount }} }}"
                )
                assert await api.ask(document) == {"audits": {"totalCount": total}}


async def test_fieldwork_is_complete_with_the_result_of_each_sample_item(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    team = [(company.owner.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, team=team)
    async with audit_records.working() as work:
        sample = await work.add(factories.sample_set(audit.id, size=2))
        items = [factories.sample_item(sample.id, position=place) for place in (1, 2)]
        await work.add(*items)
    async with unchanged(company):
        refused = await take(api, "auditCompleteFieldwork", audit)
        assert blockers(refused) == [("SAMPLES_RECORDED", item.public_id) for item in items]
    for item, result in zip(items, ("CONFORMING", "UNAVAILABLE"), strict=True):
        recorded = {"id": item.public_id, "expectedVersion": 1, "result": result}
        await done(api, "sampleItemRecord", "sampleItem { id }", **recorded)
    assert (await take(api, "auditCompleteFieldwork", audit))["audit"]["status"] == "FIELDWORK_DONE"


async def test_a_drafted_finding_is_not_issued_without_a_statement(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE)
    drafted = await audit_records.finding(audit, statement=None)
    async with unchanged(company):
        step = {"id": drafted.public_id, "expectedVersion": 1}
        refused = await api.do("findingOpen", **step)
        assert blockers(refused) == [("STATEMENT", drafted.public_id)]

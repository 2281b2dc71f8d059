"""Content of issued audit findings belongs to the audit team, and its correction is seen."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import Finding, FindingSource, FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from tests.audits.asking import blockers, done, errors_of, take
from tests.audits.audit_records import AuditRecords
from tests.company import Client, Company, Person, signature
from tests.evidence import unchanged

FINDING = "finding { id version statement }"
SIGNATURES = """signatures { nodes { meaning state supersedingChanges { fields reason action
    record { id } changedBy { id } } } }"""


@pytest.fixture
async def lead(company: Company) -> Person:
    """The lead auditor of the audits."""
    return await company.hire(Role.LEAD_AUDITOR)


def content(clause: Any, person: Person) -> dict[str, Any]:
    """Return another value of each field of the content."""
    return {
        "title": "Other",
        "sourceType": "PROCESS",
        "statement": "All gauges have labels.",
        "evidenceText": "None.",
        "requirementText": "None.",
        "severity": 1,
        "detectedOn": "2026-01-02",
        "detectedById": person.id,
        "primaryClauseId": clause.public_id,
        "clauseIds": [clause.public_id],
    }


def at(finding: Finding, **changes: Any) -> dict[str, Any]:
    """Return the input of a change of a finding."""
    return {"id": finding.public_id, "expectedVersion": finding.version, **changes}


ISSUED = [(AuditStatus.REPORTED, FindingStatus.ANALYSIS), (AuditStatus.IN_REVIEW, "DRAFT")]


@pytest.mark.parametrize(("status", "state"), ISSUED)
async def test_content_of_an_issued_finding_changes_by_correction_alone(
    company: Company, audit_records: AuditRecords, lead: Person, status: Any, state: Any
) -> None:
    """Of each field the owner and quality are refused; the handling is theirs."""
    owner = await company.hire(Role.PROCESS_OWNER)
    clause, other = await audit_records.clause(), await audit_records.clause()
    audit = await audit_records.audit(status, team=[(lead.user_id, "LEAD")])
    finding = await audit_records.finding(
        audit, FindingStatus(state), clause=clause, owner_id=owner.user_id
    )
    fields = content(other, owner)
    for person in (owner, company.owner):
        async with person.signed_in() as api:
            async with unchanged(company):
                for name, value in fields.items():
                    payload = await api.do("findingUpdate", FINDING, **at(finding, **{name: value}))
                    assert errors_of(payload) == [("BAD_USER_INPUT", name)]
                    assert "findingCorrect" in payload["errors"][0]["message"]
            equal = {"statement": finding.statement, "primaryClauseId": clause.public_id}
            handling = {"containmentText": person.id, "disposition": "REWORK", "severity": None}
            await done(api, "findingUpdate", FINDING, **at(finding, **equal, **handling))
            finding = await audit_records.now(finding)
    colleague = await company.hire(Role.LEAD_AUDITOR)
    for person, may in ((owner, False), (colleague, False), (lead, True), (company.owner, True)):
        async with person.signed_in() as api:
            shown = """query ($id: ID!) {
                finding(by: {id: $id}) { viewerCanCorrect } }"""
            assert (await api.ask(shown, id=finding.public_id))["finding"] == {
                "viewerCanCorrect": may
            }
            correction = at(finding, statement=f"As {person.id} saw it.", reason="Misread.")
            if person is owner:
                continue  # whose role has no such permission
            if not may:
                async with unchanged(company):
                    payload = await api.do("findingCorrect", FINDING, **correction)
                    assert errors_of(payload) == [("FORBIDDEN", "id")]
                continue
            await done(api, "findingCorrect", FINDING, **correction)
            finding = await audit_records.now(finding)
            async with unchanged(company):
                payload = await api.do(
                    "findingCorrect", FINDING, **at(finding, **correction | at(finding))
                )
                assert errors_of(payload) == [("BAD_USER_INPUT", "id")]  # nothing would change
    async with lead.signed_in() as api:
        await done(
            api,
            "findingCorrect",
            FINDING,
            **at(finding, **fields | {"clauseIds": []}, reason="Misread."),
        )


async def test_content_of_a_finding_without_an_audit_is_corrected_by_quality_alone(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    audit = await audit_records.audit(AuditStatus.REPORTED, team=[(lead.user_id, "LEAD")])
    draft, issued = [
        await audit_records.finding(audit, status, audit_id=None, source_type=FindingSource.PROCESS)
        for status in (FindingStatus.DRAFT, FindingStatus.OPEN)
    ]
    async with lead.signed_in() as api, unchanged(company):
        payload = await api.do("findingCorrect", FINDING, **at(issued, severity=2, reason="So."))
        assert errors_of(payload) == [("FORBIDDEN", "id")]
    async with company.owner.signed_in() as api:
        await done(api, "findingUpdate", FINDING, **at(draft, severity=2))
        draft = await audit_records.now(draft)
        async with unchanged(company):
            payload = await api.do("findingCorrect", FINDING, **at(draft, severity=3, reason="So."))
            assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
        await done(api, "findingCorrect", FINDING, **at(issued, severity=2, reason="So."))


async def test_signatures_of_a_report_stay_valid_until_its_content_is_corrected(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Neither handling, nor a late finding, nor closure changes it."""
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    clause, other = await audit_records.clause(), await audit_records.clause()
    finding = await audit_records.finding(audit, clause=clause)
    async with lead.signed_in() as client:
        await take(client, "auditSubmit", audit)
    await take(api, "auditIssueReport", await audit_records.now(audit))
    late = await audit_records.finding(audit, FindingStatus.OPEN, clause=clause)
    finding = await audit_records.now(finding)
    handling = {"containmentText": "Labelled.", "rootCause": "Lent."}
    await done(api, "findingUpdate", FINDING, **at(finding, **handling))
    for row in (finding, late):
        await enter(audit_records, row, FindingStatus.CLOSED, closed_on=clock.today("UTC"))
    await take(api, "auditClose", await audit_records.now(audit))
    nodes = await audit_signatures(api, audit)
    assert [(one["meaning"], one["state"], one["supersedingChanges"]) for one in nodes] == [
        ("AUTHORED", "VALID", []),
        ("REVIEWED", "VALID", []),
    ]
    await enter(audit_records, finding, FindingStatus.ANALYSIS, closed_on=None)
    correction = {"severity": 4, "clauseIds": [other.public_id], "reason": "Misread."}
    async with lead.signed_in() as client:
        now = await audit_records.now(finding)
        await done(client, "findingCorrect", FINDING, **at(now, **correction))
    change = {
        "fields": ["clauses", "severity"],
        "reason": "Misread.",
        "action": "findingCorrect",
        "record": {"id": finding.public_id},
        "changedBy": {"id": lead.id},
    }
    nodes = await audit_signatures(api, audit)
    assert [(one["state"], one["supersedingChanges"]) for one in nodes] == [
        ("SUPERSEDED", [change])
    ] * 2


async def test_nobody_corrects_a_major_of_their_own(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Not even quality, nor once it has another owner."""
    audit = await audit_records.audit(AuditStatus.REPORTED, team=[(lead.user_id, "LEAD")])
    quality = await company.hire(Role.QUALITY_MANAGER)
    owned: dict[str, Any] = {"grade": FindingGrade.MAJOR, "owner_id": quality.user_id}
    finding = await audit_records.finding(audit, FindingStatus.OPEN, **owned)
    correction: dict[str, Any] = {"statement": "All well.", "reason": "Misread."}
    shown = "query ($id: ID!) { finding(by: {id: $id}) { viewerCanCorrect } }"
    async with quality.signed_in() as api:
        for is_owner in (True, False):
            async with unchanged(company):
                payload = await api.do("findingCorrect", FINDING, **at(finding, **correction))
                assert errors_of(payload) == [("FORBIDDEN", "id")]
                seen = (await api.ask(shown, id=finding.public_id))["finding"]
                assert seen == {"viewerCanCorrect": False}
            if is_owner:
                await done(api, "findingUpdate", FINDING, **at(finding, ownerId=company.owner.id))
                finding = await audit_records.now(finding)
    async with lead.signed_in() as api:
        await done(api, "findingCorrect", FINDING, **at(finding, **correction))


async def test_a_major_under_review_is_voided_and_graded_down_by_two_persons(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Though it is a DRAFT: neither the lead auditor nor quality ends it alone."""
    audit = await audit_records.audit(AuditStatus.IN_REVIEW, team=[(lead.user_id, "LEAD")])
    clause = await audit_records.clause()
    finding = await audit_records.finding(audit, clause=clause, grade=FindingGrade.MAJOR)
    why: dict[str, Any] = {"reason": "Misread."}
    signed: dict[str, Any] = {"signature": signature("APPROVED")}
    quality = await company.hire(Role.QUALITY_MANAGER)
    async with lead.signed_in() as theirs, quality.signed_in() as api:
        async with unchanged(company):
            alone = await theirs.do("findingRegrade", FINDING, **at(finding, grade="MINOR", **why))
            assert errors_of(alone) == [("BAD_USER_INPUT", "grade")]
            shown = "query ($id: ID!) { finding(by: {id: $id}) { viewerCanRegrade } }"
            assert (await theirs.ask(shown, id=finding.public_id))["finding"] == {
                "viewerCanRegrade": False
            }
            alone = await api.do("findingVoid", FINDING, **at(finding, **why, **signed))
            assert blockers(alone) == [("REQUESTED", finding.public_id)]
        await done(theirs, "findingRequestVoid", FINDING, **at(finding, **why))
        finding = await audit_records.now(finding)
        async with unchanged(company):
            unsigned = await api.do("findingVoid", FINDING, **at(finding, **why))
            assert blockers(unsigned) == [("SIGNATURE", finding.public_id)]
        await done(api, "findingVoid", FINDING, **at(finding, **why, **signed))
    assert (await audit_records.now(finding)).status is FindingStatus.VOID


async def test_a_major_of_a_returned_audit_still_takes_two_persons(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Who returns it neither voids nor grades down alone, nor cancels the audit with its drafts."""
    audit = await audit_records.audit(AuditStatus.IN_REVIEW, team=[(lead.user_id, "LEAD")])
    about: dict[str, Any] = {"grade": FindingGrade.MAJOR, "owner_id": lead.user_id}
    finding = await audit_records.finding(audit, **about)
    async with audit_records.working() as work:  # the draft was submitted with the audit
        (await work.get(Audit, audit.id)).enter(AuditStatus.IN_PROGRESS)
        await work.flush()
        (await work.get(Audit, audit.id)).enter(AuditStatus.IN_REVIEW)
    reviewer = await company.hire(Role.QUALITY_MANAGER)
    why: dict[str, Any] = {"reason": "Misread."}
    signed: dict[str, Any] = {"signature": signature("APPROVED")}
    async with reviewer.signed_in() as api:
        payload = await take(api, "auditReturn", await audit_records.now(audit), **why)
        assert payload["audit"]["status"] == "IN_PROGRESS"
        later = await audit_records.finding(audit, **about)
        async with unchanged(company):
            alone = await api.do("findingVoid", FINDING, **at(finding, **why, **signed))
            assert blockers(alone) == [("REQUESTED", finding.public_id)]
            alone = await api.do("findingRegrade", FINDING, **at(finding, grade="MINOR", **why))
            assert errors_of(alone) == [("BAD_USER_INPUT", "grade")]
            shown = "{ findings(orderBy: [{field: REFERENCE}]) { nodes { viewerCanRegrade } } }"
            assert (await api.ask(shown))["findings"]["nodes"] == [
                {"viewerCanRegrade": may} for may in (False, True)
            ]
            cancelled = await take(api, "auditCancel", await audit_records.now(audit), **why)
            assert blockers(cancelled) == [
                ("FINDINGS_DRAFT", row.public_id) for row in (finding, later)
            ]
        await done(api, "findingVoid", FINDING, **at(later, **why))


async def test_a_former_lead_auditor_does_not_review_what_they_submitted(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    former = await company.hire(Role.QUALITY_MANAGER)
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(former.user_id, "LEAD")])
    async with former.signed_in() as theirs, lead.signed_in() as client:
        await take(theirs, "auditSubmit", audit)
        await take(api, "auditReturn", await audit_records.now(audit), reason="Gauge 9.")
        audit = await audit_records.now(audit)
        named = {"id": audit.public_id, "expectedVersion": audit.version, "leadAuditorId": lead.id}
        await done(api, "auditUpdate", **named)
        await take(client, "auditCompleteFieldwork", await audit_records.now(audit))
        await take(client, "auditSubmit", await audit_records.now(audit))
        audit = await audit_records.now(audit)
        async with unchanged(company):
            payload = await take(theirs, "auditIssueReport", audit)
            assert blockers(payload) == [("REVIEWER_DIFFERS", audit.public_id)]


@pytest.mark.parametrize("change", ["correct", "grade", "add"])
async def test_a_report_is_issued_with_a_valid_signature_of_its_author(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person, change: str
) -> None:
    """Of what was corrected, graded or added in review the lead auditor signs the audit again."""
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    finding = await audit_records.finding(audit, clause=await audit_records.clause())
    async with lead.signed_in() as client:
        await take(client, "auditSubmit", audit)
        submitted = await audit_records.now(audit)
        if change == "add":
            about = {"auditId": audit.public_id, "grade": "OBSERVATION", "sourceType": "AUDIT"}
            texts = {"title": "Late", "statement": "x", "evidenceText": "x", "ownerId": lead.id}
            await done(client, "findingCreate", FINDING, **about, **texts)
        elif change == "grade":
            lower = at(finding, grade="OBSERVATION", reason="Misread.")
            await done(client, "findingRegrade", FINDING, **lower)
        else:
            correction = at(finding, severity=4, reason="Misread.")
            await done(client, "findingCorrect", FINDING, **correction)
        audit = await audit_records.now(audit)
        assert audit.version == submitted.version + 1
        async with unchanged(company):
            payload = await take(api, "auditIssueReport", audit)
            assert blockers(payload) == [("AUTHOR_SIGNED", audit.public_id)]
            assert "(recordSign with the meaning AUTHORED)" in payload["errors"][0]["message"]
        again: dict[str, Any] = {"signature": signature("AUTHORED")}
        signing = {"recordId": audit.public_id, "expectedVersion": audit.version, **again}
        await done(client, "recordSign", "signature { id }", **signing)
    payload = await take(api, "auditIssueReport", audit)
    assert payload["audit"]["status"] == "REPORTED"


async def test_a_draft_major_is_not_voided_while_its_audit_is_submitted(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """The void waits for the submission, and is judged after it."""
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    finding = await audit_records.finding(audit, grade=FindingGrade.MAJOR)
    async with company.owner.signed_in() as api:
        async with audit_records.working() as work:
            (await work.get(Audit, audit.id)).enter(AuditStatus.IN_REVIEW)
            await work.flush()
            why = at(finding, reason="Misread.")
            voiding = asyncio.create_task(api.do("findingVoid", FINDING, **why))
            while not (voiding.done() or await _waiting(company)):
                await asyncio.wait({voiding}, timeout=0.01)
        unmet = ["REQUESTED", "APPROVER_DIFFERS", "SIGNATURE"]
        assert [code for code, _ in blockers(await voiding)] == unmet
    assert (await audit_records.now(finding)).status is FindingStatus.DRAFT


async def _waiting(company: Company) -> int:
    """Count the transactions of this database that wait for a lock of another one."""
    statement = """SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'"""
    async with company.application.engine.connect() as connection:
        return int((await connection.execute(sa.text(statement))).scalar_one())


async def audit_signatures(api: Client, audit: Any) -> Any:
    """Return the signatures of an audit, oldest first."""
    document = f"query ($id: ID!) {{ audit(by: {{id: $id}}) {{ {SIGNATURES} }} }}"
    return (await api.ask(document, id=audit.public_id))["audit"]["signatures"]["nodes"]


async def enter(
    audit_records: AuditRecords, row: Finding, status: FindingStatus, **values: Any
) -> None:
    """Put a finding into a state, however it came there."""
    async with audit_records.working() as work:
        finding = await work.get(Finding, row.id)
        finding.enter(status)
        await work.change(finding, values)

"""From the plan to the audit: items are carried out, once each, while the programme is active."""

import pytest
import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgrammeStatus, ProgrammeItem
from qgp.standards.model import Standard
from tests.audits.asking import done, errors_of
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.programmes.programme_records import ITEM, ProgrammeRecords, at, show

ACTIVE = AuditProgrammeStatus.ACTIVE


async def test_an_audit_is_planned_from_an_item(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    lead, clause = await company.hire(Role.LEAD_AUDITOR), await programme_records.clause()
    process, site = (
        await programme_records.process(company.owner.user_id),
        await programme_records.site(),
    )
    unit = await programme_records.department()
    await programme_records.change(process, department_id=unit.id)
    beside = (await programme_records.clause()).standard_id
    async with programme_records.working() as work:
        standard = await work.get(Standard, clause.standard_id)
        code = standard.code
    row = await programme_records.programme(ACTIVE, standards=(standard.id, beside))
    where = {"clause_id": clause.id, "process_id": process.id, "site_id": site.id}
    item = await programme_records.item(row, **where)
    shown = """programmeItem { version viewerCanPlanAudit audit { id reference title type method
        source status plannedStartOn plannedEndOn site { id } process { id } department { id }
        leadAuditor { id } clauses { nodes { clause { id } } } standards { id }
        programmeItem { id programme { id } } } }"""
    arguments = at(item, leadAuditorId=lead.id, idempotencyKey="once")
    assert await show(api, item, "viewerCanPlanAudit audit { id }") == {
        "viewerCanPlanAudit": True,
        "audit": None,
    }
    record = (await done(api, "programmeItemPlanAudit", shown, **arguments))["programmeItem"]
    audit = record["audit"]
    assert (record["version"], record["viewerCanPlanAudit"]) == (1, False)
    audit.pop("reference")
    id = audit.pop("id")
    assert audit == {
        "title": f"Audits of 2027: {code} 1 Rule, {process.name}, {site.name}",
        "type": "PROCESS",
        "method": "ONSITE",
        "source": "FIRST_PARTY",
        "status": "PLANNED",
        "plannedStartOn": "2027-03-01",
        "plannedEndOn": "2027-03-31",
        "site": {"id": site.public_id},
        "process": {"id": process.public_id},
        "department": {"id": unit.public_id},
        "leadAuditor": {"id": lead.id},
        "clauses": {"nodes": [{"clause": {"id": clause.public_id}}]},
        "standards": [{"id": f"std_{clause.standard_id.hex}"}],
        "programmeItem": {"id": item.public_id, "programme": {"id": row.public_id}},
    }
    listed = await api.ask(
        "query ($id: ID!) { audits(filter: {programmeItemId: {eq: $id}}) { nodes { id } } }",
        id=item.public_id,
    )
    assert listed == {"audits": {"nodes": [{"id": id}]}}
    async with unchanged(company):
        await done(api, "programmeItemPlanAudit", ITEM, **arguments)
        payload = await api.do("programmeItemPlanAudit", ITEM, **at(item))
        assert errors_of(payload) == [("ALREADY_EXISTS", "id")]
        message = (
            "This item has an audit already. An item has one audit that is not CANCELLED; "
            "cancel it first (auditCancel)."
        )
        assert payload["errors"][0]["message"] == message
        payload = await api.do("programmeItemDrop", ITEM, **at(item, reason="x"))
        assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
        other = at(item, siteId=None, reason="x")
        assert errors_of(await api.do("programmeItemUpdate", ITEM, **other)) == [
            ("BAD_USER_INPUT", "siteId")
        ]
    later = at(item, plannedMonth="2027-04-01", reason="Holidays.")
    await done(api, "programmeItemUpdate", ITEM, **later)


async def test_an_audit_of_no_clause_is_held_against_the_programme_s_standards(
    api: Client, programme_records: ProgrammeRecords
) -> None:
    """And its own department, not the one of its process, is audited; a title has its length."""
    mine, theirs = await programme_records.department(), await programme_records.department()
    process = await programme_records.process(programme_records.company.owner.user_id)
    await programme_records.change(process, department_id=theirs.id)
    standards = [(await programme_records.clause()).standard_id for _ in range(2)]
    row = await programme_records.programme(ACTIVE, standards=tuple(standards), title="x" * 199)
    item = await programme_records.item(row, process_id=process.id, department_id=mine.id)
    shown = "programmeItem { audit { title standards { id } department { id } } }"
    record = (await done(api, "programmeItemPlanAudit", shown, **at(item)))["programmeItem"]
    assert record["audit"] == {
        "title": "x" * 199 + "…",
        "standards": [{"id": f"std_{id.hex}"} for id in standards],
        "department": {"id": mine.public_id},
    }
    titled = at(await programme_records.item(row), title="Our own")
    record = (await done(api, "programmeItemPlanAudit", shown, **titled))["programmeItem"]
    assert (record["audit"]["title"], record["audit"]["department"]) == ("Our own", None)


async def test_a_cancelled_audit_frees_its_item(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    row = await programme_records.programme(ACTIVE)
    item = await programme_records.item(row)
    audits = []
    for _ in range(2):
        shown = "programmeItem { audit { id version } }"
        record = (await done(api, "programmeItemPlanAudit", shown, **at(item)))["programmeItem"]
        audits.append(record["audit"]["id"])
        where = {"id": record["audit"]["id"], "expectedVersion": record["audit"]["version"]}
        await done(api, "auditCancel", **where, reason="Snow.")
        record = await show(api, item, "viewerCanPlanAudit audit { id } audits { nodes { id } }")
        assert (record["viewerCanPlanAudit"], record["audit"]) == (True, None)
        assert [node["id"] for node in record["audits"]["nodes"]] == audits
    await done(api, "programmeItemDrop", ITEM, **at(item, reason="Snow for good."))
    async with unchanged(company):
        payload = await api.do(
            "programmeItemPlanAudit", ITEM, **at(await programme_records.now(item))
        )
        assert errors_of(payload) == [("BAD_USER_INPUT", "id")]


async def test_audits_are_planned_while_a_programme_is_active(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    for status in AuditProgrammeStatus:
        row = await programme_records.programme(status)
        item = await programme_records.item(row)
        is_active = status is ACTIVE
        assert await show(api, item, "viewerCanPlanAudit") == {"viewerCanPlanAudit": is_active}
        payload = await api.do("programmeItemPlanAudit", ITEM, **at(item))
        assert errors_of(payload) == ([] if is_active else [("BAD_USER_INPUT", "id")]), status


async def test_an_audit_that_is_planned_already_is_linked(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    row = await programme_records.programme(ACTIVE)
    first, second = [await programme_records.item(row) for _ in range(2)]
    audit, begun = (
        await programme_records.audit(),
        await programme_records.audit(AuditStatus.IN_PROGRESS),
    )
    shown = "programmeItem { audit { id version } }"
    async with unchanged(company):
        payload = await api.do("programmeItemLinkAudit", **at(first, auditId=begun.public_id))
        assert errors_of(payload) == [("BAD_USER_INPUT", "auditId")]
        payload = await api.do("programmeItemUnlinkAudit", **at(first))
        assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
    arguments = at(first, auditId=audit.public_id)
    record = (await done(api, "programmeItemLinkAudit", shown, **arguments))["programmeItem"]
    assert record["audit"] == {"id": audit.public_id, "version": audit.version + 1}
    async with unchanged(company):
        payload = await api.do("programmeItemLinkAudit", **at(second, auditId=audit.public_id))
        assert errors_of(payload) == [("BAD_USER_INPUT", "auditId")]
    record = (await done(api, "programmeItemUnlinkAudit", shown, **at(first)))["programmeItem"]
    assert record["audit"] is None
    await done(api, "programmeItemLinkAudit", shown, **at(second, auditId=audit.public_id))
    foreign, lead = await programme_records.audit(), await company.hire(Role.LEAD_AUDITOR)
    async with lead.signed_in() as other, unchanged(company):
        payload = await other.do("programmeItemLinkAudit", **at(first, auditId=foreign.public_id))
        assert errors_of(payload) == [("FORBIDDEN", "auditId")]


async def test_the_database_holds_one_audit_for_an_item(
    programme_records: ProgrammeRecords,
) -> None:
    item = await programme_records.item(await programme_records.programme(ACTIVE))
    await programme_records.audit(AuditStatus.CANCELLED, programme_item_id=item.id)
    await programme_records.audit(programme_item_id=item.id)
    with pytest.raises(sa.exc.IntegrityError, match="uq_audits_programme_item"):
        await programme_records.audit(programme_item_id=item.id)
    async with programme_records.working() as work:
        assert len(await work.rows(sa.select(Audit.id))) == 2
        assert len(await work.rows(sa.select(ProgrammeItem.id))) == 1

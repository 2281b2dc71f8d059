"""From the plan to the audit: items are carried out, once each, while the programme is active."""

import pytest
import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgrammeStatus, ProgrammeItem
from qgp.standards.model import Standard
from tests.audits.asking import done, told
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.programmes.desk import ITEM, Desk, at, show

ACTIVE = AuditProgrammeStatus.ACTIVE


async def test_an_audit_is_planned_from_an_item(api: Client, company: Company, desk: Desk) -> None:
    lead, clause = await company.hire(Role.LEAD_AUDITOR), await desk.clause()
    process, site = await desk.process(company.owner.user_id), await desk.site()
    unit = await desk.department()
    await desk.change(process, department_id=unit.id)
    beside = (await desk.clause()).standard_id
    async with desk.working() as work:
        standard = await work.get(Standard, clause.standard_id)
        code = standard.code
    row = await desk.programme(ACTIVE, standards=(standard.id, beside))
    where = {"clause_id": clause.id, "process_id": process.id, "site_id": site.id}
    item = await desk.item(row, **where)
    shown = """programmeItem { version viewerCanPlanAudit audit { id reference title type method
        source status plannedStartOn plannedEndOn site { id } process { id } department { id }
        leadAuditor { id } clauses { nodes { clause { id } } } standards { id }
        programmeItem { id programme { id } } } }"""
    given = at(item, leadAuditorId=lead.id, idempotencyKey="once")
    assert await show(api, item, "viewerCanPlanAudit audit { id }") == {
        "viewerCanPlanAudit": True,
        "audit": None,
    }
    found = (await done(api, "programmeItemPlanAudit", shown, **given))["programmeItem"]
    audit = found["audit"]
    assert (found["version"], found["viewerCanPlanAudit"]) == (1, False)
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
        await done(api, "programmeItemPlanAudit", ITEM, **given)
        payload = await api.do("programmeItemPlanAudit", ITEM, **at(item))
        assert told(payload) == [("ALREADY_EXISTS", "id")]
        message = (
            "This item has an audit already. An item has one audit that is not CANCELLED; "
            "cancel it first (auditCancel)."
        )
        assert payload["errors"][0]["message"] == message
        payload = await api.do("programmeItemDrop", ITEM, **at(item, reason="x"))
        assert told(payload) == [("BAD_USER_INPUT", "id")]
        other = at(item, siteId=None, reason="x")
        assert told(await api.do("programmeItemUpdate", ITEM, **other)) == [
            ("BAD_USER_INPUT", "siteId")
        ]
    later = at(item, plannedMonth="2027-04-01", reason="Holidays.")
    await done(api, "programmeItemUpdate", ITEM, **later)


async def test_an_audit_of_no_clause_is_held_against_the_programme_s_standards(
    api: Client, desk: Desk
) -> None:
    """And its own department, not the one of its process, is audited; a title has its length."""
    mine, theirs = await desk.department(), await desk.department()
    process = await desk.process(desk.company.owner.user_id)
    await desk.change(process, department_id=theirs.id)
    standards = [(await desk.clause()).standard_id for _ in range(2)]
    row = await desk.programme(ACTIVE, standards=tuple(standards), title="x" * 199)
    item = await desk.item(row, process_id=process.id, department_id=mine.id)
    shown = "programmeItem { audit { title standards { id } department { id } } }"
    found = (await done(api, "programmeItemPlanAudit", shown, **at(item)))["programmeItem"]
    assert found["audit"] == {
        "title": "x" * 199 + "…",
        "standards": [{"id": f"std_{id.hex}"} for id in standards],
        "department": {"id": mine.public_id},
    }
    titled = at(await desk.item(row), title="Our own")
    found = (await done(api, "programmeItemPlanAudit", shown, **titled))["programmeItem"]
    assert (found["audit"]["title"], found["audit"]["department"]) == ("Our own", None)


async def test_a_cancelled_audit_frees_its_item(api: Client, company: Company, desk: Desk) -> None:
    row = await desk.programme(ACTIVE)
    item = await desk.item(row)
    audits = []
    for _ in range(2):
        shown = "programmeItem { audit { id version } }"
        found = (await done(api, "programmeItemPlanAudit", shown, **at(item)))["programmeItem"]
        audits.append(found["audit"]["id"])
        where = {"id": found["audit"]["id"], "expectedVersion": found["audit"]["version"]}
        await done(api, "auditCancel", **where, reason="Snow.")
        found = await show(api, item, "viewerCanPlanAudit audit { id } audits { nodes { id } }")
        assert (found["viewerCanPlanAudit"], found["audit"]) == (True, None)
        assert [node["id"] for node in found["audits"]["nodes"]] == audits
    await done(api, "programmeItemDrop", ITEM, **at(item, reason="Snow for good."))
    async with unchanged(company):
        payload = await api.do("programmeItemPlanAudit", ITEM, **at(await desk.now(item)))
        assert told(payload) == [("BAD_USER_INPUT", "id")]


async def test_audits_are_planned_while_a_programme_is_active(
    api: Client, company: Company, desk: Desk
) -> None:
    for status in AuditProgrammeStatus:
        row = await desk.programme(status)
        item = await desk.item(row)
        is_active = status is ACTIVE
        assert await show(api, item, "viewerCanPlanAudit") == {"viewerCanPlanAudit": is_active}
        payload = await api.do("programmeItemPlanAudit", ITEM, **at(item))
        assert told(payload) == ([] if is_active else [("BAD_USER_INPUT", "id")]), status


async def test_an_audit_that_is_planned_already_is_linked(
    api: Client, company: Company, desk: Desk
) -> None:
    row = await desk.programme(ACTIVE)
    first, second = [await desk.item(row) for _ in range(2)]
    audit, begun = await desk.audit(), await desk.audit(AuditStatus.IN_PROGRESS)
    shown = "programmeItem { audit { id version } }"
    async with unchanged(company):
        payload = await api.do("programmeItemLinkAudit", **at(first, auditId=begun.public_id))
        assert told(payload) == [("BAD_USER_INPUT", "auditId")]
        payload = await api.do("programmeItemUnlinkAudit", **at(first))
        assert told(payload) == [("BAD_USER_INPUT", "id")]
    given = at(first, auditId=audit.public_id)
    found = (await done(api, "programmeItemLinkAudit", shown, **given))["programmeItem"]
    assert found["audit"] == {"id": audit.public_id, "version": audit.version + 1}
    async with unchanged(company):
        payload = await api.do("programmeItemLinkAudit", **at(second, auditId=audit.public_id))
        assert told(payload) == [("BAD_USER_INPUT", "auditId")]
    found = (await done(api, "programmeItemUnlinkAudit", shown, **at(first)))["programmeItem"]
    assert found["audit"] is None
    await done(api, "programmeItemLinkAudit", shown, **at(second, auditId=audit.public_id))
    foreign, lead = await desk.audit(), await company.hire(Role.LEAD_AUDITOR)
    async with lead.signed_in() as other, unchanged(company):
        payload = await other.do("programmeItemLinkAudit", **at(first, auditId=foreign.public_id))
        assert told(payload) == [("FORBIDDEN", "auditId")]


async def test_the_database_holds_one_audit_for_an_item(desk: Desk) -> None:
    item = await desk.item(await desk.programme(ACTIVE))
    await desk.audit(AuditStatus.CANCELLED, programme_item_id=item.id)
    await desk.audit(programme_item_id=item.id)
    with pytest.raises(sa.exc.IntegrityError, match="uq_audits_programme_item"):
        await desk.audit(programme_item_id=item.id)
    async with desk.working() as work:
        assert len(await work.rows(sa.select(Audit.id))) == 2
        assert len(await work.rows(sa.select(ProgrammeItem.id))) == 1

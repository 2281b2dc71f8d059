"""Writing programmes: what they say, what they plan, who changes them and when."""

from typing import Any

import pytest
import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.terms import AuditStatus
from qgp.kit import ids
from qgp.kit.audit import AuditEntry
from qgp.kit.policy import Role
from qgp.programmes.model import ProgrammeItem
from qgp.programmes.terms import AuditProgrammeStatus
from tests.audits.asking import blockers, done, told
from tests.company import Client, Company, Hiring
from tests.evidence import unchanged
from tests.programmes.desk import ITEM, MONTH, PROGRAMME, Desk, at, show

GIVEN = {
    "title": "Audits of 2027",
    "method": "HYBRID",
    "periodStartOn": "2027-01-15",
    "periodEndOn": "2027-12-31",
    "objectives": "To see.",
    "riskBasis": "Where it hurt.",
}
WHOLE = """reference title status method periodStartOn periodEndOn objectives riskBasis version
    approvedOn closedOn owner { id } approvedBy { id } standards { id } createdBy { id }"""
ACTIVE, DRAFT = AuditProgrammeStatus.ACTIVE, AuditProgrammeStatus.DRAFT


async def test_a_programme_is_drafted_with_all_it_says(
    api: Client, company: Company, desk: Desk
) -> None:
    owner = await company.hire(Role.PROCESS_OWNER)
    standards = [f"std_{(await desk.clause()).standard_id.hex}" for _ in range(2)]
    given = {**GIVEN, "ownerId": owner.id, "standardIds": standards, "idempotencyKey": "once"}
    shown = f"auditProgramme {{ id {WHOLE} }} auditProgrammeEdge {{ cursor }}"
    payload = await done(api, "auditProgrammeCreate", shown, **given)
    found = payload["auditProgramme"]
    id = found.pop("id")
    assert found.pop("reference").startswith("PRG-20")
    assert sorted(row["id"] for row in found.pop("standards")) == sorted(standards)
    assert found == {
        **GIVEN,
        "status": "DRAFT",
        "version": 1,
        "owner": {"id": owner.id},
        "createdBy": {"id": company.owner.id},
        **dict.fromkeys(("approvedOn", "closedOn", "approvedBy")),
    }
    async with unchanged(company):
        again = await done(api, "auditProgrammeCreate", PROGRAMME, **given)
        assert again["auditProgramme"]["id"] == id
        other = await api.do("auditProgrammeCreate", PROGRAMME, **{**given, "title": "x"})
        assert told(other) == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"periodEndOn": "2027-01-14"}, ("BAD_USER_INPUT", "periodEndOn")),
        ({"standardIds": ["std_" + "0" * 32]}, ("NOT_FOUND", "standardIds")),
        ({"ownerId": "usr_" + "0" * 32}, ("NOT_FOUND", "ownerId")),
        ({"title": " "}, ("BAD_USER_INPUT", "title")),
    ],
)
async def test_what_does_not_fit_is_refused(
    api: Client, company: Company, wrong: Any, error: Any
) -> None:
    async with unchanged(company):
        given = {**GIVEN, "ownerId": company.owner.id, **wrong}
        assert told(await api.do("auditProgrammeCreate", PROGRAMME, **given)) == [error]


async def test_a_draft_is_changed_freely_and_nothing_else_by_the_way(
    api: Client, company: Company, desk: Desk
) -> None:
    first, second = [(await desk.clause()).standard_id for _ in range(2)]
    row = await desk.programme(standards=(first,))
    shown = f"auditProgramme {{ {WHOLE} }}"
    change = {"title": "New", "objectives": None, "standardIds": [f"std_{second.hex}"]}
    payload = await done(api, "auditProgrammeUpdate", shown, **at(row, **change))
    found = payload["auditProgramme"]
    assert (found["title"], found["objectives"], found["version"]) == ("New", None, 2)
    assert found["standards"] == [{"id": f"std_{second.hex}"}]
    async with unchanged(company):
        stale = await api.do("auditProgrammeUpdate", PROGRAMME, **at(row, title="Late"))
        (error,) = stale["errors"]
        assert (error["code"], error["expected"], error["current"]) == ("STALE_VERSION", 1, 2)
        assert stale["auditProgramme"]["version"] == 2
        twice = [f"std_{first.hex}"] * 2
        now = await desk.now(row)
        payload = await api.do("auditProgrammeUpdate", **at(now, standardIds=twice))
        assert told(payload) == [("BAD_USER_INPUT", "standardIds")]


async def test_a_period_keeps_its_items(api: Client, company: Company, desk: Desk) -> None:
    row = await desk.programme()
    await desk.item(row)
    async with unchanged(company):
        for change in ({"periodEndOn": "2027-02-28"}, {"periodStartOn": "2027-04-01"}):
            payload = await api.do("auditProgrammeUpdate", PROGRAMME, **at(row, **change))
            assert told(payload) == [("BAD_USER_INPUT", "periodEndOn")]
    await done(api, "auditProgrammeUpdate", PROGRAMME, **at(row, periodStartOn="2027-03-31"))


@pytest.mark.parametrize("status", AuditProgrammeStatus)
async def test_each_state_says_what_changes(
    api: Client, company: Company, desk: Desk, status: AuditProgrammeStatus
) -> None:
    """A draft does freely, an active one for a reason, the others not at all."""
    row, site = await desk.programme(status), await desk.site()
    item = await desk.item(row)
    new = {"programmeId": row.public_id, "plannedMonth": "2027-05-01", "risk": "LOW"}
    new["siteId"] = site.public_id
    may, freely = status in {DRAFT, ACTIVE}, status is DRAFT
    shown = await show(api, row, "viewerCanUpdate items { nodes { viewerCanUpdate } }")
    assert shown == {"viewerCanUpdate": may, "items": {"nodes": [{"viewerCanUpdate": may}]}}
    for mutation, given in (
        ("auditProgrammeUpdate", at(row, title="New")),
        ("programmeItemCreate", new),
        ("programmeItemUpdate", at(item, note="New")),
    ):
        if not freely:
            async with unchanged(company):
                path = "reason" if may else "programmeId" if "programmeId" in given else "id"
                assert told(await api.do(mutation, **given)) == [("BAD_USER_INPUT", path)]
        if may:
            await done(api, mutation, "__typename", **given, reason="A recall.")
        else:
            async with unchanged(company):
                assert told(await api.do(mutation, **given, reason="x"))[0][0] == "BAD_USER_INPUT"
    async with desk.working() as work:
        actions = ("auditProgrammeUpdate", "programmeItemCreate", "programmeItemUpdate")
        reasons = await work.rows(
            sa.select(AuditEntry.reason).where(
                AuditEntry.action.in_(actions), AuditEntry.organization_id == row.organization_id
            )
        )
    assert set(reasons) == ({"A recall."} if may else set())


async def test_an_item_looks_at_something_in_a_month_of_the_period(
    api: Client, company: Company, desk: Desk
) -> None:
    row, clause = await desk.programme(), await desk.clause()
    unit, process = await desk.department(), await desk.process(company.owner.user_id)
    site = await desk.site()
    target = {"clauseId": clause.public_id, "siteId": site.public_id}
    target |= {"departmentId": unit.public_id, "processId": process.public_id}
    given = {"programmeId": row.public_id, "plannedMonth": "2027-03-01", "risk": "HIGH"}
    shown = """programmeItem { plannedMonth risk note droppedOn dropReason version audit { id }
        programme { id version } clause { id } site { id } department { id } process { id } }
        programmeItemEdge { cursor }"""
    more = {**target, "note": "Labels.", "idempotencyKey": "once"}
    payload = await done(api, "programmeItemCreate", shown, **given, **more)
    found = payload["programmeItem"]
    assert found == {
        "plannedMonth": "2027-03-01",
        "risk": "HIGH",
        "note": "Labels.",
        "version": 1,
        "programme": {"id": row.public_id, "version": 2},
        **{name.removesuffix("Id"): {"id": id} for name, id in target.items()},
        **dict.fromkeys(("droppedOn", "dropReason", "audit")),
    }
    bad = "BAD_USER_INPUT"
    async with unchanged(company):
        await done(api, "programmeItemCreate", ITEM, **given, **more)
        for change, error in (
            ({}, (bad, "clauseId")),
            ({"siteId": site.public_id, "plannedMonth": "2027-03-02"}, (bad, "plannedMonth")),
            ({"siteId": site.public_id, "plannedMonth": "2026-12-01"}, (bad, "plannedMonth")),
            ({"siteId": site.public_id, "plannedMonth": "2028-01-01"}, (bad, "plannedMonth")),
            ({"siteId": "sit_" + "0" * 32}, ("NOT_FOUND", "siteId")),
            ({"clauseId": "cls_" + "0" * 32}, ("NOT_FOUND", "clauseId")),
            (target, ("ALREADY_EXISTS", "plannedMonth")),
        ):
            payload = await api.do("programmeItemCreate", ITEM, **{**given, **change})
            assert told(payload) == [error], change


async def test_a_dropped_item_leaves_room_for_its_like(
    api: Client, company: Company, desk: Desk
) -> None:
    row, site = await desk.programme(ACTIVE), await desk.site()
    item = await desk.item(row, site_id=site.id)
    new = {"programmeId": row.public_id, "plannedMonth": str(MONTH), "risk": "LOW"}
    new |= {"siteId": site.public_id, "reason": "Again."}
    shown = "programmeItem { version droppedOn dropReason viewerCanUpdate programme { version } }"
    found = (await done(api, "programmeItemDrop", shown, **at(item, reason="Sold.")))[
        "programmeItem"
    ]
    assert found["droppedOn"] is not None
    assert (found["dropReason"], found["version"]) == ("Sold.", 2)
    assert (found["viewerCanUpdate"], found["programme"]["version"]) == (False, 2)
    async with unchanged(company):
        late = at(await desk.now(item), reason="Sold.")
        assert told(await api.do("programmeItemDrop", **late)) == [("BAD_USER_INPUT", "id")]
        payload = await api.do("programmeItemUpdate", **late, note="x")
        assert told(payload) == [("BAD_USER_INPUT", "id")]
    await done(api, "programmeItemCreate", ITEM, **new)
    async with unchanged(company):
        assert told(await api.do("programmeItemCreate", **new)) == [
            ("ALREADY_EXISTS", "plannedMonth")
        ]


async def test_items_are_removed_from_drafts_and_dropped_later(
    api: Client, company: Company, desk: Desk
) -> None:
    draft, active = await desk.programme(), await desk.programme(ACTIVE)
    mine, theirs = await desk.item(draft), await desk.item(active)
    async with unchanged(company):
        payload = await api.do("programmeItemDrop", **at(mine, reason="x"))
        assert told(payload) == [("BAD_USER_INPUT", "id")]
        payload = await api.do("programmeItemRemove", **at(theirs))
        assert told(payload) == [("BAD_USER_INPUT", "id")]
    payload = await done(api, "programmeItemRemove", f"deletedId {PROGRAMME}", **at(mine))
    assert (payload["deletedId"], payload["auditProgramme"]["version"]) == (mine.public_id, 2)
    assert await show(api, mine, "id") is None


async def test_an_audit_is_planned_from_an_item(api: Client, company: Company, desk: Desk) -> None:
    lead, clause = await company.hire(Role.LEAD_AUDITOR), await desk.clause()
    process, site = await desk.process(company.owner.user_id), await desk.site()
    row = await desk.programme(ACTIVE)
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
    reference = audit.pop("reference")
    id = audit.pop("id")
    assert audit == {
        "title": "Audits of 2027",
        "type": "PROCESS",
        "method": "ONSITE",
        "source": "FIRST_PARTY",
        "status": "PLANNED",
        "plannedStartOn": "2027-03-01",
        "plannedEndOn": "2027-03-31",
        "site": {"id": site.public_id},
        "process": {"id": process.public_id},
        "department": None,
        "leadAuditor": {"id": lead.id},
        "clauses": {"nodes": [{"clause": {"id": clause.public_id}}]},
        "standards": [],
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
        assert reference in payload["errors"][0]["message"]
        payload = await api.do("programmeItemDrop", ITEM, **at(item, reason="x"))
        assert told(payload) == [("BAD_USER_INPUT", "id")]
        other = at(item, siteId=None, reason="x")
        assert told(await api.do("programmeItemUpdate", ITEM, **other)) == [
            ("BAD_USER_INPUT", "siteId")
        ]
    later = at(item, plannedMonth="2027-04-01", reason="Holidays.")
    await done(api, "programmeItemUpdate", ITEM, **later)


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


async def test_who_approves_neither_wrote_nor_owns_it(
    api: Client, company: Company, desk: Desk
) -> None:
    writer, owner = [await company.hire(Role.QUALITY_MANAGER) for _ in range(2)]
    row = await desk.programme(by=writer.user_id, owner=owner.user_id)
    for person in (writer, owner):
        async with person.signed_in() as own, unchanged(company):
            payload = await own.do("auditProgrammeApprove", PROGRAMME, **at(row))
            assert blockers(payload) == [("APPROVER_DIFFERS", None), ("ITEMS", row.public_id)]
    async with unchanged(company):
        payload = await api.do("auditProgrammeApprove", PROGRAMME, **at(row))
        assert blockers(payload) == [("ITEMS", row.public_id)]
    await desk.item(row)
    shown = "auditProgramme { status approvedOn approvedBy { id } }"
    found = (await done(api, "auditProgrammeApprove", shown, **at(row)))["auditProgramme"]
    assert (found["status"], found["approvedBy"]) == ("APPROVED", {"id": company.owner.id})
    assert found["approvedOn"] is not None
    async with owner.signed_in() as own:
        back = at(await desk.now(row), reason="More.")
        found = (await done(own, "auditProgrammeReturn", shown, **back))["auditProgramme"]
    assert found == {"status": "DRAFT", "approvedOn": None, "approvedBy": None}


async def test_an_approval_is_of_the_items_that_were_seen(
    api: Client, company: Company, desk: Desk
) -> None:
    lead = await company.hire(Role.LEAD_AUDITOR)
    row = await desk.programme(by=lead.user_id, owner=lead.user_id)
    item = await desk.item(row)
    async with lead.signed_in() as own:
        await done(own, "programmeItemUpdate", ITEM, **at(item, risk="LOW"))
    async with unchanged(company):
        payload = await api.do("auditProgrammeApprove", PROGRAMME, **at(row))
        assert told(payload) == [("STALE_VERSION", "expectedVersion")]


async def test_a_programme_is_closed_when_its_items_are_done(
    api: Client, company: Company, desk: Desk
) -> None:
    row = await desk.programme(ACTIVE)
    named = {}
    for status in AuditStatus:
        item = await desk.item(row)
        await desk.audit(status, programme_item_id=item.id)
        named[status.value] = item
    named["NONE"] = await desk.item(row)
    dropped = await desk.item(row)
    await desk.change(dropped, dropped_on=MONTH, drop_reason="x")
    done_ones = {"REPORTED", "CLOSED"}
    left = [("ITEMS_DONE", i.public_id) for name, i in named.items() if name not in done_ones]
    shown = "availableTransitions { name isAllowed blockers { code subject } }"
    (option,) = (await show(api, row, shown))["availableTransitions"]
    assert [(b["code"], b["subject"]) for b in option["blockers"]] == left
    async with unchanged(company):
        payload = await api.do("auditProgrammeClose", PROGRAMME, **at(row))
        assert blockers(payload) == left
    for _, id in left:
        async with desk.working() as work:
            for audit in await work.rows(
                sa.select(Audit).where(
                    Audit.programme_item_id == ids.decode("pgi", id), Audit.status != "CANCELLED"
                )
            ):
                audit.enter(AuditStatus.CANCELLED)
                await work.flush()
    for name, item in named.items():
        if name not in done_ones:
            await desk.change(item, dropped_on=MONTH, drop_reason="x")
    shown = "auditProgramme { status closedOn availableTransitions { name } }"
    found = (await done(api, "auditProgrammeClose", shown, **at(row)))["auditProgramme"]
    assert found.pop("closedOn") is not None
    assert found == {"status": "CLOSED", "availableTransitions": []}


async def test_a_programme_belongs_to_one_organization(desk: Desk, hire: Hiring) -> None:
    row = await desk.programme()
    item = await desk.item(row)
    async with (await hire.company()).owner.signed_in() as other:
        assert await show(other, row, "id") is None
        assert await show(other, item, "id") is None
        found = await other.ask(
            "{ auditProgrammes { totalCount } programmeItems { totalCount } "
            "auditProgrammeStandards { totalCount } }"
        )
        assert {one["totalCount"] for one in found.values()} == {0}
        payload = await other.do("auditProgrammeUpdate", PROGRAMME, **at(row, title="x"))
        assert told(payload) == [("NOT_FOUND", "id")]

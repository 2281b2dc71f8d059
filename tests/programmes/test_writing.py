"""Writing programmes: what they say, what they plan, who changes them and when."""

from typing import Any

import pytest
import sqlalchemy as sa

from qgp.kit.audit import AuditEntry
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgrammeStatus
from tests.audits.asking import done, errors_of
from tests.company import Client, Company, Hiring
from tests.evidence import unchanged
from tests.factories.programmes import MONTH
from tests.programmes.programme_records import ITEM, PROGRAMME, ProgrammeRecords, at, show

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
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    owner = await company.hire(Role.PROCESS_OWNER)
    standards = [f"std_{(await programme_records.clause()).standard_id.hex}" for _ in range(2)]
    arguments = {**GIVEN, "ownerId": owner.id, "standardIds": standards, "idempotencyKey": "once"}
    shown = f"auditProgramme {{ id {WHOLE} }} auditProgrammeEdge {{ cursor }}"
    payload = await done(api, "auditProgrammeCreate", shown, **arguments)
    programme = payload["auditProgramme"]
    id = programme.pop("id")
    assert programme.pop("reference").startswith("PRG-20")
    assert sorted(row["id"] for row in programme.pop("standards")) == sorted(standards)
    assert programme == {
        **GIVEN,
        "status": "DRAFT",
        "version": 1,
        "owner": {"id": owner.id},
        "createdBy": {"id": company.owner.id},
        **dict.fromkeys(("approvedOn", "closedOn", "approvedBy")),
    }
    async with unchanged(company):
        again = await done(api, "auditProgrammeCreate", PROGRAMME, **arguments)
        assert again["auditProgramme"]["id"] == id
        other = await api.do("auditProgrammeCreate", PROGRAMME, **{**arguments, "title": "x"})
        assert errors_of(other) == [("IDEMPOTENCY_KEY_REUSED", "idempotencyKey")]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"periodEndOn": "2027-01-14"}, ("OUT_OF_RANGE", "periodEndOn")),
        ({"standardIds": ["std_" + "0" * 32]}, ("NOT_FOUND", "standardIds")),
        ({"ownerId": "usr_" + "0" * 32}, ("NOT_FOUND", "ownerId")),
        ({"title": " "}, ("REQUIRED", "title")),
    ],
)
async def test_what_does_not_fit_is_refused(
    api: Client, company: Company, wrong: Any, error: Any
) -> None:
    async with unchanged(company):
        arguments = {**GIVEN, "ownerId": company.owner.id, **wrong}
        assert errors_of(await api.do("auditProgrammeCreate", PROGRAMME, **arguments)) == [error]


async def test_a_draft_is_changed_freely_and_nothing_else_by_the_way(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    first, second = [(await programme_records.clause()).standard_id for _ in range(2)]
    row = await programme_records.programme(standards=(first,))
    shown = f"auditProgramme {{ {WHOLE} }}"
    change = {"title": "New", "objectives": None, "standardIds": [f"std_{second.hex}"]}
    payload = await done(api, "auditProgrammeUpdate", shown, **at(row, **change))
    programme = payload["auditProgramme"]
    assert (programme["title"], programme["objectives"], programme["version"]) == ("New", None, 2)
    assert programme["standards"] == [{"id": f"std_{second.hex}"}]
    async with unchanged(company):
        stale = await api.do("auditProgrammeUpdate", PROGRAMME, **at(row, title="Late"))
        (error,) = stale["errors"]
        assert (error["code"], error["expected"], error["current"]) == ("STALE_VERSION", 1, 2)
        assert stale["auditProgramme"]["version"] == 2
        twice = [f"std_{first.hex}"] * 2
        now = await programme_records.now(row)
        payload = await api.do("auditProgrammeUpdate", **at(now, standardIds=twice))
        assert errors_of(payload) == [("BAD_USER_INPUT", "standardIds")]


async def test_a_period_keeps_its_items(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    row = await programme_records.programme()
    await programme_records.item(row)
    async with unchanged(company):
        for change in ({"periodEndOn": "2027-02-28"}, {"periodStartOn": "2027-04-01"}):
            payload = await api.do("auditProgrammeUpdate", PROGRAMME, **at(row, **change))
            assert errors_of(payload) == [("BAD_USER_INPUT", "periodEndOn")]
    await done(api, "auditProgrammeUpdate", PROGRAMME, **at(row, periodStartOn="2027-03-31"))


@pytest.mark.parametrize("status", AuditProgrammeStatus)
async def test_each_state_says_what_changes(
    api: Client, company: Company, programme_records: ProgrammeRecords, status: AuditProgrammeStatus
) -> None:
    """A draft does freely, an active one for a reason, the others not at all."""
    row, site = await programme_records.programme(status), await programme_records.site()
    item = await programme_records.item(row)
    new = {"programmeId": row.public_id, "plannedMonth": "2027-05-01", "risk": "LOW"}
    new["siteId"] = site.public_id
    may, freely = status in {DRAFT, ACTIVE}, status is DRAFT
    shown = await show(api, row, "viewerCanUpdate items { nodes { viewerCanUpdate } }")
    assert shown == {"viewerCanUpdate": may, "items": {"nodes": [{"viewerCanUpdate": may}]}}
    for mutation, arguments in (
        ("auditProgrammeUpdate", at(row, title="New")),
        ("programmeItemCreate", new),
        ("programmeItemUpdate", at(item, note="New")),
    ):
        if not freely:
            async with unchanged(company):
                path = "reason" if may else "programmeId" if "programmeId" in arguments else "id"
                code = "REQUIRED" if may else "BAD_USER_INPUT"
                assert errors_of(await api.do(mutation, **arguments)) == [(code, path)]
        if may:
            await done(api, mutation, "__typename", **arguments, reason="A recall.")
        else:
            async with unchanged(company):
                assert (
                    errors_of(await api.do(mutation, **arguments, reason="x"))[0][0]
                    == "BAD_USER_INPUT"
                )
    async with programme_records.working() as work:
        actions = ("auditProgrammeUpdate", "programmeItemCreate", "programmeItemUpdate")
        reasons = await work.rows(
            sa.select(AuditEntry.reason).where(
                AuditEntry.action.in_(actions), AuditEntry.organization_id == row.organization_id
            )
        )
    assert set(reasons) == ({"A recall."} if may else set())


async def test_an_item_looks_at_something_in_a_month_of_the_period(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    row, clause = await programme_records.programme(), await programme_records.clause()
    unit, process = (
        await programme_records.department(),
        await programme_records.process(company.owner.user_id),
    )
    site = await programme_records.site()
    target = {"clauseId": clause.public_id, "siteId": site.public_id}
    target |= {"departmentId": unit.public_id, "processId": process.public_id}
    arguments = {"programmeId": row.public_id, "plannedMonth": "2027-03-01", "risk": "HIGH"}
    shown = """programmeItem { plannedMonth risk note droppedOn dropReason version audit { id }
        programme { id version } clause { id } site { id } department { id } process { id } }
        programmeItemEdge { cursor }"""
    more = {**target, "note": "Labels.", "idempotencyKey": "once"}
    payload = await done(api, "programmeItemCreate", shown, **arguments, **more)
    item = payload["programmeItem"]
    assert item == {
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
        await done(api, "programmeItemCreate", ITEM, **arguments, **more)
        for change, error in (
            ({}, (bad, "clauseId")),
            ({"siteId": site.public_id, "plannedMonth": "2027-03-02"}, (bad, "plannedMonth")),
            ({"siteId": site.public_id, "plannedMonth": "2026-12-01"}, (bad, "plannedMonth")),
            ({"siteId": site.public_id, "plannedMonth": "2028-01-01"}, (bad, "plannedMonth")),
            ({"siteId": "sit_" + "0" * 32}, ("NOT_FOUND", "siteId")),
            ({"clauseId": "cls_" + "0" * 32}, ("NOT_FOUND", "clauseId")),
            (target, ("ALREADY_EXISTS", "plannedMonth")),
        ):
            payload = await api.do("programmeItemCreate", ITEM, **{**arguments, **change})
            assert errors_of(payload) == [error], change


async def test_a_dropped_item_leaves_room_for_its_like(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    row, site = await programme_records.programme(ACTIVE), await programme_records.site()
    item = await programme_records.item(row, site_id=site.id)
    new = {"programmeId": row.public_id, "plannedMonth": str(MONTH), "risk": "LOW"}
    new |= {"siteId": site.public_id, "reason": "Again."}
    shown = "programmeItem { version droppedOn dropReason viewerCanUpdate programme { version } }"
    record = (await done(api, "programmeItemDrop", shown, **at(item, reason="Sold.")))[
        "programmeItem"
    ]
    assert record["droppedOn"] is not None
    assert (record["dropReason"], record["version"]) == ("Sold.", 2)
    assert (record["viewerCanUpdate"], record["programme"]["version"]) == (False, 2)
    async with unchanged(company):
        late = at(await programme_records.now(item), reason="Sold.")
        assert errors_of(await api.do("programmeItemDrop", **late)) == [("BAD_USER_INPUT", "id")]
        payload = await api.do("programmeItemUpdate", **late, note="x")
        assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
    await done(api, "programmeItemCreate", ITEM, **new)
    async with unchanged(company):
        assert errors_of(await api.do("programmeItemCreate", **new)) == [
            ("ALREADY_EXISTS", "plannedMonth")
        ]


async def test_items_are_removed_from_drafts_and_dropped_later(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    draft, active = await programme_records.programme(), await programme_records.programme(ACTIVE)
    mine, theirs = await programme_records.item(draft), await programme_records.item(active)
    async with unchanged(company):
        payload = await api.do("programmeItemDrop", **at(mine, reason="x"))
        assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
        payload = await api.do("programmeItemRemove", **at(theirs))
        assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
    payload = await done(api, "programmeItemRemove", f"deletedId {PROGRAMME}", **at(mine))
    assert (payload["deletedId"], payload["auditProgramme"]["version"]) == (mine.public_id, 2)
    assert await show(api, mine, "id") is None


async def test_a_programme_belongs_to_one_organization(
    programme_records: ProgrammeRecords, hire: Hiring
) -> None:
    row = await programme_records.programme()
    item = await programme_records.item(row)
    async with (await hire.company()).owner.signed_in() as other:
        assert await show(other, row, "id") is None
        assert await show(other, item, "id") is None
        data = await other.ask(
            "{ auditProgrammes { totalCount } programmeItems { totalCount } "
            "auditProgrammeStandards { totalCount } }"
        )
        assert {one["totalCount"] for one in data.values()} == {0}
        payload = await other.do("auditProgrammeUpdate", PROGRAMME, **at(row, title="x"))
        assert errors_of(payload) == [("NOT_FOUND", "id")]

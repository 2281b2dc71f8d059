"""Approving a programme, and closing it: whose eyes, and what has to be there."""

import sqlalchemy as sa

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.kit import ids
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgrammeStatus
from tests.audits.asking import blockers, done, errors_of
from tests.company import Client, Company, signature, subject_id
from tests.evidence import unchanged
from tests.factories.programmes import MONTH
from tests.programmes.programme_records import ITEM, PROGRAMME, ProgrammeRecords, at, show

SIGNED = {"signature": signature("APPROVED")}
ACTIVE = AuditProgrammeStatus.ACTIVE


async def test_who_approves_neither_wrote_nor_owns_it(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    writer, owner = [await company.hire(Role.QUALITY_MANAGER) for _ in range(2)]
    row = await programme_records.programme(by=writer.user_id, owner=owner.user_id)
    for person in (writer, owner):
        async with person.signed_in() as client, unchanged(company):
            payload = await client.do("auditProgrammeApprove", PROGRAMME, **at(row, **SIGNED))
            assert blockers(payload) == [("APPROVER_DIFFERS", None), ("ITEMS", row.public_id)]
    async with unchanged(company):
        payload = await api.do("auditProgrammeApprove", PROGRAMME, **at(row, **SIGNED))
        assert blockers(payload) == [("ITEMS", row.public_id)]
    await programme_records.item(row)
    shown = "auditProgramme { status approvedOn approvedBy { id } }"
    programme = (await done(api, "auditProgrammeApprove", shown, **at(row, **SIGNED)))[
        "auditProgramme"
    ]
    assert (programme["status"], programme["approvedBy"]) == ("APPROVED", {"id": company.owner.id})
    assert programme["approvedOn"] is not None
    async with owner.signed_in() as client:
        back = at(await programme_records.now(row), reason="More.")
        programme = (await done(client, "auditProgrammeWithdrawApproval", shown, **back))[
            "auditProgramme"
        ]
    assert programme == {"status": "DRAFT", "approvedOn": None, "approvedBy": None}


async def test_an_approval_is_of_the_items_that_were_seen(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    lead = await company.hire(Role.LEAD_AUDITOR)
    row = await programme_records.programme(by=lead.user_id, owner=lead.user_id)
    item = await programme_records.item(row)
    async with lead.signed_in() as client:
        await done(client, "programmeItemUpdate", ITEM, **at(item, risk="LOW"))
    async with unchanged(company):
        payload = await api.do("auditProgrammeApprove", PROGRAMME, **at(row, **SIGNED))
        assert errors_of(payload) == [("STALE_VERSION", "expectedVersion")]


async def test_a_programme_is_closed_when_its_items_are_done(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    row = await programme_records.programme(ACTIVE)
    named = {}
    for status in AuditStatus:
        item = await programme_records.item(row)
        await programme_records.audit(status, programme_item_id=item.id)
        named[status.value] = item
    named["NONE"] = await programme_records.item(row)
    dropped = await programme_records.item(row)
    await programme_records.change(dropped, dropped_on=MONTH, drop_reason="x")
    done_ones = {"REPORTED", "CLOSED"}
    left = [("ITEMS_DONE", i.public_id) for name, i in named.items() if name not in done_ones]
    shown = "availableTransitions { name isAllowed blockers { code subject { id } } }"
    (option,) = (await show(api, row, shown))["availableTransitions"]
    assert [(b["code"], subject_id(b)) for b in option["blockers"]] == left
    async with unchanged(company):
        payload = await api.do("auditProgrammeClose", PROGRAMME, **at(row))
        assert blockers(payload) == left
    for _, id in left:
        async with programme_records.working() as work:
            for audit in await work.rows(
                sa.select(Audit).where(
                    Audit.programme_item_id == ids.decode("pgi", id), Audit.status != "CANCELLED"
                )
            ):
                audit.enter(AuditStatus.CANCELLED)
                await work.flush()
    for name, item in named.items():
        if name not in done_ones:
            await programme_records.change(item, dropped_on=MONTH, drop_reason="x")
    shown = "auditProgramme { status closedOn availableTransitions { name } }"
    programme = (await done(api, "auditProgrammeClose", shown, **at(row)))["auditProgramme"]
    assert programme.pop("closedOn") is not None
    assert programme == {"status": "CLOSED", "availableTransitions": []}

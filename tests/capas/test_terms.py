"""Terms of CAPAs: due dates, those of their actions, and the effectiveness window."""

from datetime import date, timedelta
from typing import Any

import pytest

from qgp.actions.model import ActionStatus
from qgp.capas.model.terms import CapaPriority, CapaStatus, EffectivenessMetric
from qgp.kit import clock
from qgp.kit.policy import Role
from tests import factories
from tests.capas.capa_records import CapaRecords, blockers, take
from tests.company import Client, Company, signature
from tests.evidence import unchanged

PROBLEM = {"title": "Burrs", "problemStatement": "They cut."}
DEFINED: dict[str, Any] = {
    "effectiveness_criteria": "No burr.",
    "effectiveness_metric": EffectivenessMetric.SAMPLE,
}


def ahead(days: int) -> date:
    """Return the day so many days after today."""
    return clock.today() + timedelta(days)


@pytest.mark.parametrize(
    ("priority", "shortest"), [("LOW", 30), ("MEDIUM", 30), ("HIGH", 60), ("CRITICAL", 90)]
)
async def test_each_priority_has_a_shortest_effectiveness_window(
    api: Client, company: Company, capa_records: CapaRecords, priority: str, shortest: int
) -> None:
    """On creation, on a change of either, on release, and for every waiver."""
    input = {**PROBLEM, "dueOn": str(ahead(90)), "priority": priority}
    async with unchanged(company):
        payload = await api.do("capaCreate", **input, windowDays=shortest - 1)
        (error,) = payload["errors"]
        assert (error["code"], error["path"]) == ("OUT_OF_RANGE", ["windowDays"])
        assert f"at least {shortest} days" in error["message"]
    assert (await api.do("capaCreate", **input, windowDays=shortest))["errors"] == []
    facts = {"priority": CapaPriority(priority), "actions": [ActionStatus.TODO], **DEFINED}
    row = await capa_records.capa(CapaStatus.PLANNED, window_days=shortest - 1, **facts)
    payload = await take(api, "capaReleasePlan", row)
    assert ("EFFECTIVENESS_DEFINED", row.public_id) in blockers(payload)
    facts = {"priority": CapaPriority(priority), "actions": [ActionStatus.DONE], **DEFINED}
    waived: dict[str, Any] = {
        "result": "EFFECTIVE",
        "waiverReason": "The part is out of production.",
    }
    for days_left, codes in ((29, []), (30, ["WINDOW_ELAPSED"])):  # of a window 29 days longer
        due = ahead(days_left)
        row = await capa_records.capa(
            CapaStatus.EFFECTIVENESS,
            window_days=shortest + 29,
            effectiveness_due_on=due,
            **facts,
        )
        await capa_records.proof(row)
        payload = await take(api, "capaClose", row, **waived)
        assert [code for code, _ in (blockers(payload) if payload["errors"] else [])] == codes


async def test_a_window_keeps_the_shortest_term_of_its_beginning(
    company: Company, capa_records: CapaRecords
) -> None:
    """A setting lowered since allows no earlier waiver; a raised one does not prolong it."""
    other, verifier = [await company.hire(Role.QUALITY_MANAGER) for _ in "12"]
    facts: dict[str, Any] = {"priority": CapaPriority.HIGH, "window_days": 90, **DEFINED}
    theirs: dict[str, Any] = {"owner_id": other.user_id}
    row = await capa_records.capa(CapaStatus.PLANNED, **theirs, **facts)
    action = await capa_records.action(row, ActionStatus.TODO, **theirs)
    await capa_records.proof(row)
    signed: dict[str, Any] = {"signature": signature("APPROVED")}
    waived: dict[str, Any] = {
        "result": "EFFECTIVE",
        "waiverReason": "The part is out of production.",
    }
    organization = {"id": f"org_{company.organization_id.hex}"}
    async with company.owner.signed_in() as owner, verifier.signed_in() as api:

        async def shortest(version: int, days: int) -> None:
            setting = {"shortestWindowDaysHigh": days, "expectedVersion": version}
            assert (await owner.do("organizationUpdate", **organization, **setting))["errors"] == []

        assert (await take(api, "capaReleasePlan", row, **signed))["errors"] == []
        await shortest(1, 5)
        completed = {"completed_at": clock.now(), "completion_note": "Deburred."}
        await capa_records.enter(action, ActionStatus.DONE, **completed)
        row = await capa_records.enter(row, CapaStatus.VERIFICATION)
        assert (await take(api, "capaConfirmImplementation", row))["errors"] == []
        assert (await capa_records.now(row)).shortest_window_days == 60
        await capa_records.proof(row)
        row = await capa_records.change(row, effectiveness_due_on=ahead(31))
        async with unchanged(company):
            assert blockers(await take(api, "capaClose", row, **waived)) == [
                ("WINDOW_ELAPSED", row.public_id)
            ]
        await shortest(2, 90)
        row = await capa_records.change(row, effectiveness_due_on=ahead(30))
        assert (await take(api, "capaClose", row, **waived))["errors"] == []


async def test_evidence_of_an_earlier_round_shows_nothing_of_this(
    api: Client, company: Company, capa_records: CapaRecords
) -> None:
    """Neither that the plan is implemented, nor its effect where no confirmation is recorded."""
    other = await company.hire(Role.QUALITY_MANAGER)
    theirs: dict[str, Any] = {"owner_id": other.user_id}
    rows = [
        await capa_records.capa(status, effectiveness_due_on=ahead(0), **theirs)
        for status in (CapaStatus.VERIFICATION, CapaStatus.EFFECTIVENESS)
    ]
    steps: list[tuple[str, dict[str, Any]]] = [
        ("capaConfirmImplementation", {}),
        ("capaClose", {"result": "EFFECTIVE"}),
    ]
    for row, (step, input) in zip(rows, steps, strict=True):
        action = await capa_records.action(row, ActionStatus.DONE, **theirs)
        former = [await capa_records.proof(row), await capa_records.proof(action)]
        async with capa_records.working() as work:
            await work.add(factories.capa_round(row.id))
        await capa_records.change(action, completed_at=clock.now())
        async with unchanged(company):
            assert blockers(await take(api, step, row, **input)) == [("EVIDENCE", row.public_id)]
        present = await capa_records.proof(action)
        assert (await take(api, step, row, **input))["errors"] == []
    kept, *gone = [
        await api.do("evidenceItemWithdraw", id=one.public_id, expectedVersion=1, reason="Another.")
        for one in (present, *former)
    ]
    assert [error["code"] for error in kept["errors"]] == ["BAD_USER_INPUT"]
    assert [payload["errors"] for payload in gone] == [[], []]


async def test_an_effectiveness_review_has_evidence_of_its_own(
    api: Client, company: Company, capa_records: CapaRecords
) -> None:
    """It was collected since the implementation was confirmed."""
    row = await capa_records.capa(
        CapaStatus.EFFECTIVENESS,
        actions=[ActionStatus.DONE],
        effectiveness_due_on=ahead(0),
        confirmed_at=clock.now() + timedelta(seconds=2),
    )
    before = await capa_records.proof(row)
    async with unchanged(company):
        payload = await take(api, "capaClose", row, result="EFFECTIVE")
        assert blockers(payload) == [("EVIDENCE", row.public_id)]
    since = clock.now() - timedelta(hours=1)
    row = await capa_records.change(row, confirmed_at=since)
    before = await capa_records.change(before, collected_at=since - timedelta(hours=1))
    effect = await capa_records.proof(row)
    assert (await take(api, "capaClose", row, result="EFFECTIVE"))["errors"] == []
    kept, gone = [
        await api.do("evidenceItemWithdraw", **of_item, reason="Another part.")
        for of_item in (
            {"id": effect.public_id, "expectedVersion": 1},
            {"id": before.public_id, "expectedVersion": 2},
        )
    ]
    assert [error["code"] for error in kept["errors"]] == ["BAD_USER_INPUT"]
    assert gone["errors"] == []


async def test_no_due_date_has_passed_and_no_action_is_due_after_its_capa(
    api: Client, company: Company, capa_records: CapaRecords
) -> None:
    row = await capa_records.capa(CapaStatus.OPEN, due_on=ahead(60))
    action = await capa_records.action(row, due_on=ahead(50))
    of_capa = {"id": row.public_id, "expectedVersion": 1, "reason": "x"}
    of_action = {"id": action.public_id, "expectedVersion": 1, "reason": "x"}
    task = {"title": "Deburr", "kind": "CORRECTIVE", "ownerId": company.owner.id}
    past, late = str(ahead(-1)), str(ahead(61))
    async with unchanged(company):
        for mutation, input, path in (
            ("capaCreate", {**PROBLEM, "dueOn": past}, "dueOn"),
            ("capaUpdate", {**of_capa, "dueOn": past}, "dueOn"),
            ("capaUpdate", {**of_capa, "dueOn": str(ahead(49))}, "dueOn"),
            ("actionCreate", {**task, "dueOn": past}, "dueOn"),
            ("actionCreate", {**task, "dueOn": late, "capaId": row.public_id}, "dueOn"),
            ("actionReschedule", {**of_action, "newDueOn": past}, "newDueOn"),
            ("actionReschedule", {**of_action, "newDueOn": late}, "newDueOn"),
        ):
            (error,) = (await api.do(mutation, **input))["errors"]
            assert (error["code"], error["path"]) == ("OUT_OF_RANGE", [path]), (mutation, input)
            named = str(ahead(60)) if late in input.values() else ""
            assert named in error["message"]
    last = str(ahead(60))
    moved = await api.do("actionReschedule", **of_action, newDueOn=last)
    created = await api.do("actionCreate", **task, dueOn=last, capaId=row.public_id)
    assert (moved["errors"], created["errors"]) == ([], [])

"""Bulk mutations of findings: each row in its version, with the rules of the single command."""

from datetime import timedelta
from typing import Any

from qgp.kit import clock
from qgp.kit.policy import Role
from tests.company import Company
from tests.evidence import unchanged
from tests.findings.finding_commands import FindingCommands

ROWS = """results { finding { status version owner { id } responseDueOn closureDueOn }
    errors { code path message ... on TransitionNotAllowedError { blockers { code } } } }"""


def errors_of(payload: Any) -> list[list[tuple[str, list[str] | None]]]:
    assert payload["errors"] == []
    return [[(e["code"], e["path"]) for e in row["errors"]] for row in payload["results"]]


def at(row: Any, **more: Any) -> dict[str, Any]:
    return {"id": row["id"], "expectedVersion": row["version"], **more}


async def test_drafts_are_opened_row_by_row(
    company: Company, finding_commands: FindingCommands
) -> None:
    complete, bare, stale = [
        await finding_commands.write(**facts) for facts in ({}, {"statement": None}, {})
    ]
    items = [at(complete), at(bare), at(stale) | {"expectedVersion": 7}]
    payload = await finding_commands.api.do("findingsOpen", ROWS, items=items)
    assert errors_of(payload) == [
        [],
        [("TRANSITION_NOT_ALLOWED", None)],
        [("STALE_VERSION", ["items", "2", "expectedVersion"])],
    ]
    shown = [row["finding"] and row["finding"]["status"] for row in payload["results"]]
    assert shown == ["OPEN", "DRAFT", "DRAFT"]
    assert payload["results"][1]["errors"][0]["blockers"] == [{"code": "STATEMENT"}]


async def test_findings_are_assigned_to_one_user(
    company: Company, finding_commands: FindingCommands
) -> None:
    heir = await company.hire(Role.PROCESS_OWNER)
    gone = await company.hire(Role.EMPLOYEE)
    await finding_commands.api.do("userSuspend", id=gone.id, expectedVersion=1)
    first, second = [await finding_commands.write() for _ in range(2)]
    void = await finding_commands.walk("findingOpen", "findingVoid")
    async with unchanged(company):
        payload = await finding_commands.api.do(
            "findingsAssign", ROWS, items=[at(first)], ownerId=gone.id
        )
        assert errors_of(payload) == [[("BAD_USER_INPUT", ["ownerId"])]]
    items = [at(first), at(void), at(second) | {"expectedVersion": 7}]
    payload = await finding_commands.api.do(
        "findingsAssign", ROWS, items=items, ownerId=heir.id, reason="x"
    )
    assert errors_of(payload) == [
        [],
        [("BAD_USER_INPUT", ["items", "1", "id"])],
        [("STALE_VERSION", ["items", "2", "expectedVersion"])],
    ]
    assert payload["results"][0]["finding"]["owner"] == {"id": heir.id}
    again = [at(first) | {"expectedVersion": 2}]
    payload = await finding_commands.api.do("findingsAssign", ROWS, items=again, ownerId=heir.id)
    assert errors_of(payload) == [[("BAD_USER_INPUT", ["ownerId"])]]


async def test_due_dates_change_with_a_reason(
    company: Company, finding_commands: FindingCommands
) -> None:
    opened, draft = await finding_commands.walk("findingOpen"), await finding_commands.write()
    today = clock.today()
    soon, later = [str(today + timedelta(days)) for days in (10, 400)]
    past = str(today - timedelta(1))
    why = {"reason": "The supplier answers in June."}
    refused: list[tuple[dict[str, Any], str, str]] = [
        (at(opened, **why), "REQUIRED", "newClosureDueOn"),
        (at(opened, newClosureDueOn=past, **why), "OUT_OF_RANGE", "newClosureDueOn"),
        (at(opened, newResponseDueOn=later, **why), "OUT_OF_RANGE", "newResponseDueOn"),
        (at(draft, newClosureDueOn=later, **why), "BAD_USER_INPUT", "id"),
        (at(opened, newClosureDueOn=later, reason=" "), "REQUIRED", "reason"),
    ]
    async with unchanged(company):
        items = [item for item, _, _ in refused]
        payload = await finding_commands.api.do("findingsReschedule", ROWS, items=items)
        assert errors_of(payload) == [
            [(code, ["items", str(place), path])] for place, (_, code, path) in enumerate(refused)
        ]
    dates = {"newResponseDueOn": soon, "newClosureDueOn": later}
    items = [at(opened, **dates, **why)]
    (row,) = (await finding_commands.api.do("findingsReschedule", ROWS, items=items))["results"]
    assert (row["finding"]["responseDueOn"], row["finding"]["closureDueOn"]) == (soon, later)
    history = """query ($id: ID!) { finding(by: {id: $id}) { history(last: 1) {
        nodes { action reason } } } }"""
    (entry,) = (await finding_commands.api.ask(history, id=opened["id"]))["finding"]["history"][
        "nodes"
    ]
    assert entry == {"action": "findingsReschedule", **why}

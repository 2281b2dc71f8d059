"""Due days move with a reason, and the first one stays."""

from typing import Any

from qgp.kit.policy import Role
from tests.actions.action_commands import DUE, attempt, go, hand_out, show
from tests.company import Client, Company
from tests.evidence import trail_length, unchanged

MOVED = """dueOn originalDueOn version
    dueDateChanges { nodes { oldDueOn newDueOn reason createdBy { id } } }"""


async def test_every_move_is_kept(api: Client, company: Company) -> None:
    id = await hand_out(api, company.owner.id)
    manager = await company.hire(Role.PROCESS_OWNER)
    length = await trail_length(company)
    async with manager.signed_in() as theirs:
        for version, day in enumerate(("2027-04-01", "2027-02-01"), start=1):
            values = {"newDueOn": day, "reason": f"Reason {version}"}
            assert await attempt(theirs, "actionReschedule", id, version, **values) == []
    who = {"createdBy": {"id": manager.id}}
    assert await show(api, id, MOVED) == {
        "dueOn": "2027-02-01",
        "originalDueOn": DUE,
        "version": 3,
        "dueDateChanges": {
            "nodes": [
                {"oldDueOn": DUE, "newDueOn": "2027-04-01", "reason": "Reason 1", **who},
                {"oldDueOn": "2027-04-01", "newDueOn": "2027-02-01", "reason": "Reason 2", **who},
            ]
        },
    }
    assert await trail_length(company) == length + 4


async def test_what_is_no_move_is_refused(api: Client, company: Company) -> None:
    id = await hand_out(api, company.owner.id)
    over = await hand_out(api, company.owner.id)
    version = await go(api, over, "actionCancel")
    other: dict[str, Any] = {"newDueOn": "2028-01-01", "reason": "x"}
    async with unchanged(company):
        for values, path in (
            ({**other, "newDueOn": DUE}, "newDueOn"),
            ({**other, "reason": "  "}, "reason"),
            ({**other, "id": over, "expectedVersion": version}, "id"),
            ({**other, "expectedVersion": 9}, "expectedVersion"),
        ):
            inputs = {"id": id, "expectedVersion": 1, **values}
            payload = await api.do("actionReschedule", **inputs)
            assert [error["path"] for error in payload["errors"]] == [[path]]


async def test_a_move_is_found_by_its_id_by_whom_it_concerns(api: Client, company: Company) -> None:
    eve, bob = await company.hire(Role.EMPLOYEE), await company.hire(Role.EMPLOYEE)
    id = await hand_out(api, eve.id)
    values = {"newDueOn": "2028-01-01", "reason": "Parts are late."}
    assert await attempt(api, "actionReschedule", id, 1, **values) == []
    (move,) = (await show(api, id, "dueDateChanges { nodes { id } }"))["dueDateChanges"]["nodes"]
    document = """query ($id: ID!) { node(id: $id) { ... on DueDateChange {
        reason action { id } } } }"""
    for person, seen in ((eve, {"reason": "Parts are late.", "action": {"id": id}}), (bob, None)):
        async with person.signed_in() as asking:
            assert (await asking.ask(document, id=move["id"]))["node"] == seen

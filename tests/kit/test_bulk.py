"""Commands on many records: each row for itself, in order, once per key."""

import asyncio
from typing import Any

from qgp.kit.policy import Role
from tests.actions.action_commands import hand_out, show
from tests.company import Client, Company
from tests.evidence import trail_length, unchanged
from tests.kit.built import BUILT
from tests.kit.work import context_of

ROWS = "results { id action { version owner { id } dueOn } errors { __typename code path } }"
NOBODY = "act_" + "0" * 32


async def several(api: Client, company: Company, count: int) -> list[str]:
    return [await hand_out(api, company.owner.id) for _ in range(count)]


def at(*ids: str, version: int = 1) -> list[dict[str, Any]]:
    """Return rows of actions in a version."""
    return [{"id": id, "expectedVersion": version} for id in ids]


def errors_of(payload: Any) -> list[list[tuple[str, list[str] | None]]]:
    return [[(e["code"], e["path"]) for e in row["errors"]] for row in payload["results"]]


async def test_rows_are_answered_one_by_one_in_order(api: Client, company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    ids = await several(api, company, 3)
    length = await trail_length(company)
    sent = [ids[2], NOBODY, ids[0], "x", ids[2], "usr_" + "1" * 32]
    items = [*at(*sent[:4]), *at(sent[4], version=2), *at(sent[5])]
    payload = await api.do("actionsAssign", ROWS, items=items, ownerId=eve.id)
    assert payload["errors"] == []
    assert [row["id"] for row in payload["results"]] == [*sent[:3], None, *sent[4:]]
    assert errors_of(payload) == [
        [],
        [("NOT_FOUND", ["items", "1", "id"])],
        [],
        [("BAD_USER_INPUT", ["items", "3", "id"])],
        [("BAD_USER_INPUT", ["ownerId"])],
        [("BAD_USER_INPUT", ["items", "5", "id"])],
    ]
    shown = [row["action"] and row["action"]["version"] for row in payload["results"]]
    assert shown == [2, None, 2, None, None, None]
    assert await trail_length(company) == length + 2
    assert await show(api, ids[1], "version") == 1


async def test_rows_bring_their_own_versions_and_values(api: Client, company: Company) -> None:
    ids = await several(api, company, 3)
    items = [
        {"id": ids[0], "expectedVersion": 1, "newDueOn": "2028-01-01", "reason": "a"},
        {"id": ids[1], "expectedVersion": 7, "newDueOn": "2028-01-02", "reason": "b"},
        {"id": ids[2], "expectedVersion": 1, "newDueOn": "2028-01-03", "reason": " "},
        {"id": ids[2], "expectedVersion": 1, "newDueOn": "2028-01-04", "reason": "d"},
    ]
    payload = await api.do("actionsReschedule", ROWS, items=items)
    assert errors_of(payload) == [
        [],
        [("STALE_VERSION", ["items", "1", "expectedVersion"])],
        [("REQUIRED", ["items", "2", "reason"])],
        [],
    ]
    shown = [row["action"] and row["action"]["dueOn"] for row in payload["results"]]
    assert shown == ["2028-01-01", "2027-03-01", None, "2028-01-04"]


async def test_more_than_a_hundred_rows_are_refused(api: Client, company: Company) -> None:
    """By the endpoint, and by the word itself where a server lets longer lists in."""
    id = await hand_out(api, company.owner.id)
    document = """mutation ($i: ActionsAssignInput!) { actionsAssign(input: $i) {
        results { id } errors { code path } } }"""
    variables = {"i": {"items": at(id) * 101, "ownerId": company.owner.id}}
    async with unchanged(company):
        assert await api.refusal(document, **variables) == "BAD_USER_INPUT"
        result = await BUILT.execute(document, variables, context_of(company))
    errors = [{"code": "TOO_LONG", "path": ["items"]}]
    assert result.data == {"actionsAssign": {"results": [], "errors": errors}}
    payload = await api.do("actionsAssign", ROWS, items=[], ownerId=company.owner.id)
    assert payload == {"results": [], "errors": []}


async def test_an_error_of_all_rows_is_returned_once(api: Client, company: Company) -> None:
    ids = await several(api, company, 2)
    async with unchanged(company):
        payload = await api.do("actionsAssign", ROWS, items=at(*ids), ownerId="x")
    assert payload["results"] == []
    assert [e["path"] for e in payload["errors"]] == [["ownerId"]]


async def test_rows_ask_for_the_commands_permission(api: Client, company: Company) -> None:
    ids, auditor = await several(api, company, 1), await company.hire(Role.AUDITOR)
    document = "mutation ($i: ActionsAssignInput!) { actionsAssign(input: $i) { errors { code } } }"
    async with auditor.signed_in() as theirs, unchanged(company):
        code = await theirs.refusal(document, i={"items": at(*ids), "ownerId": auditor.id})
    assert code == "FORBIDDEN"


async def test_one_key_does_the_whole_once(api: Client, company: Company) -> None:
    """What was refused is tried again; what was done is not."""
    eve, ids = await company.hire(Role.EMPLOYEE), await several(api, company, 3)
    arguments = {"items": at(*ids), "ownerId": eve.id, "idempotencyKey": "k"}
    first = await api.do("actionsAssign", ROWS, **arguments)
    async with unchanged(company):
        assert await api.do("actionsAssign", ROWS, **arguments) == first
    assert errors_of(first) == [[], [], []]
    for other in ({"items": at(*ids[:2])}, {"items": at(*ids[::-1])}, {"reason": "x"}):
        async with unchanged(company):
            payload = await api.do("actionsAssign", ROWS, **{**arguments, **other})
        assert payload["results"] == []
        assert [e["code"] for e in payload["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_sent_again_a_refused_row_is_tried_again(api: Client, company: Company) -> None:
    first, second = await several(api, company, 2)
    move = {"newDueOn": "2028-01-01", "reason": "x"}
    items = [
        {"id": first, "expectedVersion": 1, **move},
        {"id": second, "expectedVersion": 2, **move},
    ]
    arguments = {"items": items, "idempotencyKey": "k"}
    payload = await api.do("actionsReschedule", ROWS, **arguments)
    assert errors_of(payload) == [[], [("STALE_VERSION", ["items", "1", "expectedVersion"])]]
    await api.do("actionUpdate", id=second, expectedVersion=1, title="New")
    payload = await api.do("actionsReschedule", ROWS, **arguments)
    assert errors_of(payload) == [[], []]
    assert [row["action"]["version"] for row in payload["results"]] == [2, 3]


async def test_of_ten_sent_at_once_with_one_key_one_acts(api: Client, company: Company) -> None:
    eve, ids = await company.hire(Role.EMPLOYEE), await several(api, company, 3)
    length = await trail_length(company)
    arguments = {"items": at(*ids), "ownerId": eve.id, "idempotencyKey": "k"}
    payloads = await asyncio.gather(
        *[api.do("actionsAssign", ROWS, **arguments) for _ in range(10)]
    )
    assert payloads == [payloads[0]] * 10
    assert errors_of(payloads[0]) == [[], [], []]
    assert await trail_length(company) == length + 3


async def test_the_payload_reads_all_rows_at_once(api: Client, company: Company) -> None:
    heirs = [await company.hire(Role.EMPLOYEE) for _ in "12"]
    reads = []
    for count, heir in ((2, heirs[0]), (30, heirs[1])):
        ids = await several(api, company, count)
        await api.do("actionsAssign", "results { id }", items=at(*ids), ownerId=heir.id)
        bare = len(api.statements)
        await api.do("actionsAssign", ROWS, items=at(*ids, version=2), ownerId=company.owner.id)
        reads.append(len(api.statements) - bare)
    assert reads[0] == reads[1]

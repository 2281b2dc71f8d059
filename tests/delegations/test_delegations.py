"""A delegate has the work of an absent user, as far as their own rights suffice."""

from datetime import timedelta
from typing import Any

import pytest

from qgp.actions.model import ActionStatus
from qgp.delegations.facts import delegates_of
from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from tests import factories
from tests.company import Client, Company, Person
from tests.kit.work import work_of

WORK = """{ myWork { totalCount nodes { kind onBehalfOf { id } record { id } } } }"""
FIELDS = "delegation { id version delegator { id } delegate { id } startsOn endsOn reason }"
TODAY = clock.today()


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


@pytest.fixture
async def absent(company: Company) -> Person:
    return await company.hire(Role.EMPLOYEE)


@pytest.fixture
async def manager(company: Company) -> Person:
    return await company.hire(Role.QUALITY_MANAGER)


async def waiting(person: Person) -> set[tuple[str, str, str | None]]:
    async with person.signed_in() as client:
        work = (await client.ask(WORK))["myWork"]
    assert work["totalCount"] == len(work["nodes"])
    return {
        (node["kind"], node["record"]["id"], node["onBehalfOf"] and node["onBehalfOf"]["id"])
        for node in work["nodes"]
    }


async def test_a_delegate_has_the_work_that_their_own_rights_allow_them_to_do(
    company: Company, absent: Person, manager: Person
) -> None:
    colleague = await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        owner: Any = {"owner_id": absent.user_id}
        action = await work.add(factories.action(owner_id=absent.user_id))
        finding = await work.add(factories.finding(FindingStatus.OPEN, **owner))
        done = factories.action(ActionStatus.DONE, is_verification_required=True, **owner)
        await work.add(done)
        delegation = factories.delegation(absent.user_id, manager.user_id)
        await work.add(delegation)
        assert await delegates_of(work, [absent.user_id, manager.user_id]) == {
            absent.user_id: [manager.user_id]
        }
    to_verify = {("VERIFY_ACTION", done.public_id, None)}
    represented = {
        ("COMPLETE_ACTION", action.public_id, absent.id),
        ("RESOLVE_FINDING", finding.public_id, absent.id),
    }
    assert await waiting(manager) == to_verify | represented
    assert await waiting(absent) == {(kind, id, None) for kind, id, _ in represented}
    async with work_of(company) as work:
        # The colleague may not do the work of others, and is not the delegate on other days.
        row = await work.get(type(delegation), delegation.id)
        await work.change(row, {"delegate_id": colleague.user_id})
    assert await waiting(colleague) == set()
    async with work_of(company) as work:
        row = await work.get(type(delegation), delegation.id)
        days = {"starts_on": TODAY + timedelta(days=1)}
        await work.change(row, {"delegate_id": manager.user_id, **days})
        assert await delegates_of(work, [absent.user_id]) == {}
    assert await waiting(manager) == to_verify


async def test_users_delegate_their_own_work_and_administrators_that_of_others(
    api: Client, company: Company, absent: Person, manager: Person
) -> None:
    days = {"startsOn": day(0), "endsOn": day(3), "reason": "Leave."}
    async with absent.signed_in() as client:
        created = await client.do("delegationCreate", FIELDS, delegateId=manager.id, **days)
    delegation = created["delegation"]
    persons = {"delegator": {"id": absent.id}, "delegate": {"id": manager.id}}
    assert delegation == delegation | persons | days
    at = {"id": delegation["id"], "expectedVersion": 1}

    async def refused(client: Client, mutation: str, **input: Any) -> tuple[str, list[str] | None]:
        payload = await client.do(mutation, **input)
        (error,) = payload["errors"]
        return error["code"], error["path"]

    async with manager.signed_in() as other:
        others = {"delegatorId": absent.id, "delegateId": company.owner.id, **days}
        assert await refused(other, "delegationCreate", **others) == ("FORBIDDEN", ["delegatorId"])
        assert await refused(other, "delegationDelete", **at) == ("FORBIDDEN", ["id"])
        assert await refused(other, "delegationUpdate", **at, reason="x") == ("FORBIDDEN", ["id"])
    later = {"delegatorId": absent.id, "delegateId": manager.id, "endsOn": day(9)}
    for changes, error in (
        ({"startsOn": day(3)}, ("ALREADY_EXISTS", ["startsOn"])),
        ({"startsOn": day(4), "delegateId": absent.id}, ("BAD_USER_INPUT", ["delegateId"])),
        ({"startsOn": day(-9), "endsOn": day(-1)}, ("OUT_OF_RANGE", ["endsOn"])),
    ):
        assert await refused(api, "delegationCreate", **{**later, **changes}) == error
    second = await api.do("delegationCreate", FIELDS, **{**later, "startsOn": day(4)})
    moved = {"id": second["delegation"]["id"], "expectedVersion": 1, "startsOn": day(2)}
    assert await refused(api, "delegationUpdate", **moved) == ("ALREADY_EXISTS", ["startsOn"])
    ended = await api.do("delegationDelete", "deletedId", **at)
    assert ended == {"deletedId": delegation["id"], "errors": []}
    assert (await api.do("delegationUpdate", FIELDS, **moved))["delegation"]["startsOn"] == day(2)
    listed = "delegations(filter: {delegator: {id: {eq: $id}}}) { nodes { id } }"
    shown = "delegation(by: {id: $at}) { viewerCanUpdate }"
    query = f"query ($id: ID!, $at: ID!) {{ {listed} {shown} }}"
    answer = await api.ask(query, id=absent.id, at=moved["id"])
    assert answer["delegations"]["nodes"] == [{"id": moved["id"]}]
    assert answer["delegation"] == {"viewerCanUpdate": True}

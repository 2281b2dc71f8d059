"""What an action waits for: chains without circles, however many add to them at once."""

import asyncio
import itertools
import random
from collections.abc import AsyncIterator

import pytest

from qgp.findings.model import FindingStatus
from qgp.kit.policy import Role
from tests import factories
from tests.actions.action_commands import attempt, finding, go, hand_out, show
from tests.company import Client, Company, texts
from tests.evidence import trail_length, unchanged
from tests.kit.work import work_of


async def several(api: Client, company: Company, count: int) -> list[str]:
    """Create actions named 0, 1, 2 …"""
    return [await hand_out(api, company.owner.id, title=str(name)) for name in range(count)]


async def wait(api: Client, id: str, prerequisite: str, *, version: int = 1) -> list[str]:
    """Let one action wait for another."""
    return await attempt(api, "actionDependencyAdd", id, version, prerequisiteId=prerequisite)


async def test_both_sides_show_a_dependency(api: Client, company: Company) -> None:
    first, second, third = await several(api, company, 3)
    length = await trail_length(company)
    values = {"id": third, "expectedVersion": 1, "prerequisiteId": second}
    shown = "action { version prerequisites { title } } prerequisite { title dependents { title } }"
    payload = await api.do("actionDependencyAdd", shown, **values)
    assert payload == {
        "action": {"version": 1, "prerequisites": [{"title": "1"}]},
        "prerequisite": {"title": "1", "dependents": [{"title": "2"}]},
        "errors": [],
    }
    assert await trail_length(company) == length + 1
    assert await wait(api, third, first) == []
    record = await show(api, third, "prerequisites { title }")
    assert texts(record["prerequisites"], "title") == ["1", "0"]
    assert (await show(api, first, "dependents { title }"))["dependents"] == [{"title": "2"}]
    payload = await api.do("actionDependencyRemove", "action { prerequisites { title } }", **values)
    assert payload == {"action": {"prerequisites": [{"title": "0"}]}, "errors": []}


async def test_a_chain_has_no_circle(api: Client, company: Company) -> None:
    chain = await several(api, company, 6)
    for before, after in itertools.pairwise(chain):
        assert await wait(api, after, before) == []
    async with unchanged(company):
        for above in chain:
            for below in chain[: chain.index(above) + 1]:
                assert await wait(api, below, above) == ["BAD_USER_INPUT"]
    assert await wait(api, chain[5], chain[0]) == []


async def test_what_is_refused_leaves_no_trace(api: Client, company: Company) -> None:
    first, second, over = await several(api, company, 3)
    assert await wait(api, second, first) == []
    version = await go(api, over, "actionCancel")
    async with unchanged(company):
        assert await wait(api, second, first) == ["ALREADY_EXISTS"]
        assert await wait(api, second, first, version=7) == ["STALE_VERSION"]
        assert await wait(api, over, first, version=version) == ["BAD_USER_INPUT"]
        assert await wait(api, second, "act_" + "0" * 32) == ["NOT_FOUND"]
        gone = {"prerequisiteId": over}
        assert await attempt(api, "actionDependencyRemove", second, 1, **gone) == ["NOT_FOUND"]


async def test_a_dependency_on_a_hidden_action_is_none(api: Client, company: Company) -> None:
    async with work_of(company) as work:
        site, elsewhere = [await work.add(factories.site()) for _ in range(2)]
    keeper = await company.hire(Role.PROCESS_OWNER, site_id=site.id)
    source = await finding(company, FindingStatus.OPEN, site_id=elsewhere.id)
    seen = await hand_out(api, keeper.id)
    hidden = await hand_out(api, company.owner.id, findingId=source.public_id)
    assert await wait(api, seen, hidden) == []
    async with keeper.signed_in() as hers, unchanged(company):
        assert await show(hers, hidden, "title") is None
        which = {"prerequisiteId": hidden}
        assert await attempt(hers, "actionDependencyRemove", seen, 1, **which) == ["NOT_FOUND"]
    assert await attempt(api, "actionDependencyRemove", seen, 1, prerequisiteId=hidden) == []


async def test_an_action_waits_for_fifty_at_most(api: Client, company: Company) -> None:
    last, *others = await several(api, company, 52)
    for other in others[:50]:
        assert await wait(api, last, other) == []
    async with unchanged(company):
        assert await wait(api, last, others[50]) == ["TOO_LONG"]
    assert len((await show(api, last, "prerequisites { id }"))["prerequisites"]) == 50


@pytest.fixture
async def both(company: Company) -> AsyncIterator[list[Client]]:
    """Two people with a connection each."""
    people = [company.owner, await company.hire(Role.QUALITY_MANAGER)]
    async with people[0].signed_in() as one, people[1].signed_in() as other:
        yield [one, other]


async def test_of_two_that_make_a_circle_together_one_is_refused(
    company: Company, both: list[Client]
) -> None:
    """Neither sees the other's dependency when it begins."""
    for _ in range(8):
        a, b, c, d = await several(both[0], company, 4)
        assert await wait(both[0], b, a) == []
        assert await wait(both[0], d, c) == []
        results = await asyncio.gather(wait(both[0], c, b), wait(both[1], a, d))
        assert sorted(results) == [[], ["BAD_USER_INPUT"]]


async def test_many_at_once_leave_no_circle(company: Company, both: list[Client]) -> None:
    ids = await several(both[0], company, 7)
    chance = random.Random(7)
    pairs = [tuple(chance.sample(ids, 2)) for _ in range(40)]
    tasks = [wait(both[place % 2], a, b) for place, (a, b) in enumerate(pairs)]
    results = await asyncio.gather(*tasks)
    assert {code for codes in results for code in codes} <= {"BAD_USER_INPUT", "ALREADY_EXISTS"}
    document = "{ actions { nodes { id prerequisites { id } } } }"
    rows = (await both[0].ask(document))["actions"]["nodes"]
    waits = {row["id"]: {p["id"] for p in row["prerequisites"]} for row in rows}
    assert sum(map(len, waits.values())) == results.count([])
    while free := [id for id, others in waits.items() if not others]:
        for id in free:
            del waits[id]
        for others in waits.values():
            others.difference_update(free)
    assert waits == {}

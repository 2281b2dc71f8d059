"""`changes`: complete and in order, by the rights of the caller, from a cursor on."""

import asyncio
from typing import Any

import sqlalchemy as sa

from qgp.kit.outbox import OutboxEvent
from qgp.kit.policy import Role
from tests import factories
from tests.company import Client, Company, Hiring
from tests.events.stream import subscribed
from tests.events.test_record_changed import CHANGES, added
from tests.kit.work import work_of

FEED = """query ($after: String, $kinds: [RecordKind!], $first: Int) {
    changes(after: $after, kinds: $kinds, first: $first) {
        nodes { event recordId version record { id } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
}"""


async def page(api: Client, after: str | None = None, **arguments: Any) -> tuple[list[Any], Any]:
    if after is not None:
        arguments["after"] = after
    changes = (await api.ask(FEED, **arguments))["changes"]
    return changes["nodes"], changes["pageInfo"]


async def test_the_feed_goes_on_from_the_cursor_of_now(api: Client, company: Company) -> None:
    nodes, now = await page(api)
    assert (nodes, now["hasNextPage"], now["startCursor"]) == ([], False, None)
    assert await page(api, now["endCursor"]) == ([], {**now, "hasPreviousPage": True})
    async with work_of(company) as work:
        site = await work.add(factories.site())
        finding = await work.add(factories.finding())
        standard = await work.add(factories.standard())
        clause = await work.add(factories.clause(standard.id))
        part = await work.add(factories.finding_clause(finding.id, clause.id))
    async with work_of(company) as work:
        await work.remove(await work.get(type(part), part.id))
    some, info = await page(api, now["endCursor"], first=2, kinds=["FINDING_CLAUSE", "SITE"])
    assert [(one["event"], one["recordId"]) for one in some] == [
        ("site.created", site.public_id),
        ("finding_clause.created", part.public_id),
    ]
    assert info["hasNextPage"]
    (last,), info = await page(api, info["endCursor"])
    assert last == {
        "event": "finding_clause.deleted",
        "recordId": part.public_id,
        "version": 2,
        "record": None,
    }
    assert not info["hasNextPage"]


async def test_a_comment_is_told_to_those_who_may_read_it(api: Client, company: Company) -> None:
    external = await company.hire(Role.EXTERNAL_AUDITOR)
    finding = await added(company)
    kinds = {"kinds": ["FINDING"], "events": ["finding.commented"]}
    async with (
        external.signed_in() as outside,
        subscribed(api, CHANGES, **kinds) as to_owner,
        subscribed(outside, CHANGES, **kinds) as to_external,
    ):
        _, now = await page(api)
        comments = [
            (await api.do("commentCreate", "comment { id }", **comment))["comment"]["id"]
            for comment in (
                {"subjectId": finding.public_id, "body": "x", "visibility": visibility}
                for visibility in ("INTERNAL", "EXTERNAL")
            )
        ]
        first, second = [await to_owner.change() for _ in range(2)]
        assert first["recordId"] == second["recordId"] == finding.public_id
        assert (await to_external.change())["cursor"] == second["cursor"]
        feed = {"after": now["endCursor"], "kinds": ["FINDING"]}
        assert [len((await page(one, **feed))[0]) for one in (api, outside)] == [2, 1]
        assert len({*comments}) == 2


async def test_a_change_of_a_hidden_record_is_passed_over(company: Company) -> None:
    employee = await company.hire(Role.EMPLOYEE)
    async with employee.signed_in() as theirs:
        _, now = await page(theirs)
        await added(company)
        shown = await added(company, owner_id=employee.user_id)
        await added(company)
        nodes, info = await page(theirs, now["endCursor"])
        assert [one["recordId"] for one in nodes] == [shown.public_id] * 2
        assert await page(theirs, info["endCursor"]) == ([], {**info, "startCursor": None})


async def test_no_change_is_missed_while_writers_commit_at_once(
    api: Client, company: Company
) -> None:
    _, now = await page(api)
    writers = [asyncio.create_task(added(company)) for _ in range(12)]
    read, cursor = list[str](), now["endCursor"]
    while len(read) < len(writers):
        nodes, info = await page(api, cursor, first=3)
        read += [one["recordId"] for one in nodes]
        cursor = info["endCursor"]
    written = [finding.public_id for finding in await asyncio.gather(*writers)]
    assert sorted(read) == sorted(written)


async def test_a_cursor_is_refused_where_it_has_expired_or_belongs_elsewhere(
    api: Client, company: Company, hire: Hiring
) -> None:
    other = await hire.company()
    async with other.owner.signed_in() as theirs:
        elsewhere = (await page(theirs))[1]["endCursor"]
    expired = (await page(api))[1]["endCursor"]
    await added(company)
    await added(company)
    of_company = OutboxEvent.organization_id == company.organization_id
    async with company.application.engine.begin() as owner:
        newest = sa.select(sa.func.max(OutboxEvent.position)).where(of_company).scalar_subquery()
        await owner.execute(sa.delete(OutboxEvent).where(of_company, OutboxEvent.position < newest))
    codes = {elsewhere: "CURSOR_MISMATCH", expired: "CURSOR_EXPIRED", "x": "BAD_USER_INPUT"}
    headers = {"accept": "text/event-stream"}
    for cursor, code in codes.items():
        assert await api.refusal(FEED, after=cursor) == code
        streamed = await api.post({"query": CHANGES, "variables": {"after": cursor}}, **headers)
        assert f'"code":"{code}"' in streamed.text

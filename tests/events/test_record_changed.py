"""`recordChanged`: which changes are shown to whom, in which order, and from which cursor on."""

from typing import Any

from qgp.findings.model import Finding
from qgp.kit.policy import Role
from tests import factories
from tests.company import Client, Company
from tests.events.stream import subscribed
from tests.kit.work import work_of

CHANGES = """subscription (
    $ids: [ID!], $kinds: [RecordKind!], $events: [String!], $after: String
) {
    recordChanged(ids: $ids, kinds: $kinds, events: $events, after: $after) {
        cursor event kind recordId version partOfId
        record { id ... on Finding { title } ... on Site { name } }
    }
}"""


async def change_title(company: Company, finding: Finding, title: str) -> None:
    async with work_of(company) as work:
        await work.change(await work.get(Finding, finding.id), {"title": title})


async def added(company: Company, **facts: Any) -> Finding:
    async with work_of(company) as work:
        return await work.add(factories.finding(**facts))


async def test_a_change_is_shown_to_those_who_may_read_the_record(
    api: Client, company: Company
) -> None:
    employee = await company.hire(Role.EMPLOYEE)
    kinds = ["FINDING"]
    async with (
        employee.signed_in() as theirs,
        subscribed(api, CHANGES, kinds=kinds) as all_findings,
        subscribed(theirs, CHANGES, kinds=kinds) as own_findings,
    ):
        await api.do("siteCreate", "site { id }", code="S1", name="Plant")
        hidden = await added(company, title="Not yours")
        shown = await added(company, title="Yours", owner_id=employee.user_id)
        first, second = await all_findings.change(), await all_findings.change()
        assert first["recordId"] == first["record"]["id"] == hidden.public_id
        assert {**second, "cursor": ""} == {
            "cursor": "",
            "event": "finding.created",
            "kind": "FINDING",
            "recordId": shown.public_id,
            "version": 1,
            "partOfId": None,
            "record": {"id": shown.public_id, "title": "Yours"},
        }
        assert (await all_findings.change())["event"] == "finding.assigned"
        assert (await own_findings.change())["recordId"] == shown.public_id


async def test_a_subscription_resumes_after_its_cursor_without_a_gap(
    api: Client, company: Company
) -> None:
    finding, other = await added(company), await added(company)
    events = ["finding.updated"]
    async with subscribed(api, CHANGES, ids=[finding.public_id], events=events) as stream:
        await change_title(company, other, "Other")
        await change_title(company, finding, "First")
        seen = await stream.change()
    assert (seen["recordId"], seen["version"]) == (finding.public_id, 2)
    for title in ("Second", "Third"):
        await change_title(company, finding, title)
    async with subscribed(api, CHANGES, kinds=["FINDING"], after=seen["cursor"]) as stream:
        missed = [await stream.change() for _ in range(2)]
        await change_title(company, finding, "Fourth")
        missed.append(await stream.change())
    assert [change["version"] for change in missed] == [3, 4, 5]


async def test_the_deletion_of_a_record_is_shown_to_those_who_saw_it(company: Company) -> None:
    async with work_of(company) as work:
        standard = await work.add(factories.standard())
        clause = await work.add(factories.clause(standard.id))
        manager = company.owner
        finding = await work.add(factories.finding(owner_id=manager.user_id))
        part = await work.add(factories.finding_clause(finding.id, clause.id))
    async with manager.signed_in() as api, subscribed(api, CHANGES, ids=[finding.public_id]) as all:
        async with work_of(company) as work:
            await work.remove(await work.get(type(part), part.id))
        change = await all.change()
        assert (change["event"], change["record"]) == ("finding_clause.deleted", None)
        assert (change["recordId"], change["partOfId"]) == (part.public_id, finding.public_id)


async def test_a_suspended_user_sees_no_further_change(company: Company) -> None:
    leaver = await company.hire(Role.QUALITY_MANAGER)
    async with (
        leaver.signed_in() as theirs,
        company.owner.signed_in() as api,
        subscribed(theirs, CHANGES, kinds=["SITE"]) as stream,
    ):
        await api.do("siteCreate", "site { id }", code="S1", name="Plant")
        assert (await stream.change())["record"]["name"] == "Plant"
        await api.do("userSuspend", "user { id }", id=leaver.id, expectedVersion=1)
        await api.do("siteCreate", "site { id }", code="S2", name="Secret")
        (error,) = await stream.next()
        assert error["extensions"]["code"] == "UNAUTHENTICATED"

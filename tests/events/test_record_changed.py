"""`recordChanged`: which changes are shown to whom, in which order, and from which cursor on."""

import json
import re
from typing import Any

import pytest

from qgp.events.facts import event_verbs
from qgp.findings.model import Finding
from qgp.kit.policy import Role
from tests import factories
from tests.company import Client, Company
from tests.events.stream import subscribed
from tests.kit.built import BUILT
from tests.kit.work import work_of

CHANGES = """subscription (
    $ids: [ID!], $kinds: [RecordKind!], $events: [String!], $filter: RecordFilter, $after: String
) {
    recordChanged(ids: $ids, kinds: $kinds, events: $events, filter: $filter, after: $after) {
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


async def test_a_filter_selects_records_by_what_they_are_now(api: Client, company: Company) -> None:
    is_leak = {"finding": {"title": {"contains": "leak"}}}
    async with subscribed(api, CHANGES, kinds=["FINDING", "SITE"], filter=is_leak) as stream:
        await api.do("siteCreate", "site { id }", code="S1", name="Plant")
        assert (await stream.change())["kind"] == "SITE"  # a type without conditions
        other = await added(company, title="Rust")
        finding = await added(company, title="Oil leak")
        created = await stream.change()
        await change_title(company, finding, "Oil spill")
        ceased = await stream.change()
        await change_title(company, finding, "Oil on the floor")
        await change_title(company, other, "Leak of water")
        matched = await stream.change()
    assert [(change["recordId"], change["version"]) for change in (created, ceased, matched)] == [
        (finding.public_id, 1),
        (finding.public_id, 2),
        (other.public_id, 2),
    ]


@pytest.mark.parametrize(
    ("filter", "path"),
    [
        ({"finding": None}, ["filter", "finding"]),
        ({"finding": {"siteId": {"eq": "fnd_1"}}}, ["filter", "finding", "siteId", "eq"]),
        ({"site": {"and": [{"and": [{"and": [{"name": {"eq": "x"}}]}]}]}}, ["filter"]),
    ],
)
async def test_a_wrong_filter_is_refused_at_once(
    api: Client, filter: dict[str, Any], path: list[str]
) -> None:
    streamed = await refusal(api, filter=filter)
    assert b'"code":"BAD_USER_INPUT"' in streamed
    assert json.dumps(path, separators=(",", ":")).encode() in streamed


@pytest.mark.parametrize(
    "name", ["finding.exploded", "findings.*", "finding", "", "audit.ineffective"]
)
async def test_a_name_of_no_event_is_refused_at_once(api: Client, name: str) -> None:
    streamed = await refusal(api, events=["finding.*", name])
    assert b'"path":["events"],"code":"BAD_USER_INPUT"' in streamed
    assert f"`{name}`".encode() in streamed


async def refusal(api: Client, **variables: Any) -> bytes:
    """Return what a subscription streams that ends at once."""
    body = {"query": CHANGES, "variables": variables}
    return (await api.post(body, accept="text/event-stream")).content


async def test_a_pattern_selects_events_as_those_of_webhooks_do(
    api: Client, company: Company
) -> None:
    async with (
        subscribed(api, CHANGES, events=["*.updated"]) as updates,
        subscribed(api, CHANGES, events=["finding.*"]) as of_findings,
    ):
        finding = await added(company)
        await change_title(company, finding, "Other")
        assert (await updates.change())["event"] == "finding.updated"
        assert (await of_findings.change())["event"] == "finding.created"


def test_the_schema_names_each_verb_of_an_event() -> None:
    described: Any = BUILT.graphql.type_map["RecordChange"]
    named = re.split(r"\W+", described.fields["event"].description)
    assert {*event_verbs()} <= {*named}


async def test_a_filter_of_as_many_levels_as_in_a_list_is_allowed(
    api: Client, company: Company
) -> None:
    filter = {"site": {"and": [{"and": [{"name": {"eq": "Plant"}}]}]}}
    async with subscribed(api, CHANGES, filter=filter) as stream:
        await api.do("siteCreate", "site { id }", code="S1", name="Plant")
        assert (await stream.change())["kind"] == "SITE"

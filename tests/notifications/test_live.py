"""`notificationAdded` and `myWorkChanged`: to whom they show what, and from which cursor on."""

from datetime import UTC, datetime
from typing import Any

from qgp.actions.model import Action
from qgp.kit.outbox import read_events
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.webhooks.facts import is_subscribed
from tests import factories
from tests.company import Client, Company
from tests.events.stream import Stream, subscribed
from tests.kit.work import work_of
from tests.notifications.consuming import listed, notify

ADDED = """subscription ($after: String) { notificationAdded(after: $after) {
    cursor notification { id kind event isRead isSnoozed record { id } } } }"""
WORK = "subscription ($after: String) { myWorkChanged(after: $after) { cursor totalCount } }"
CHANGES = """query ($after: String) { changes(after: $after, first: 100) {
    nodes { event } pageInfo { hasNextPage endCursor } } }"""


async def added(stream: Stream) -> Any:
    return (await stream.next())["notificationAdded"]


async def test_a_new_notification_is_shown_to_its_recipient_alone_without_a_gap(
    company: Company,
) -> None:
    eve, max = [await company.hire(Role.EMPLOYEE) for _ in range(2)]
    async with eve.signed_in() as of_eve, max.signed_in() as of_max:
        async with subscribed(of_eve, ADDED) as to_eve, subscribed(of_max, ADDED) as to_max:
            async with work_of(company) as work:
                owners = [one.user_id for one in (eve, eve, max)]
                rows = [await work.add(factories.action(owner_id=owner)) for owner in owners]
            await notify(company)
            shown = [await added(to_eve), await added(to_eve), await added(to_max)]
        assert [one["notification"]["record"]["id"] for one in shown] == [
            row.public_id for row in rows
        ]
        first, second, _ = shown
        assert first["notification"] == {
            "id": first["notification"]["id"],
            "kind": "ASSIGNED",
            "event": "action.assigned",
            "isRead": False,
            "isSnoozed": False,
            "record": {"id": rows[0].public_id},
        }
        async with subscribed(of_eve, ADDED, after=first["cursor"]) as to_eve:
            assert await added(to_eve) == second


async def test_the_event_of_a_notification_reaches_its_subscription_alone(
    company: Company, api: Client
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    now = (await api.ask(CHANGES))["changes"]["pageInfo"]["endCursor"]
    async with work_of(company) as work:
        await work.add(factories.action(owner_id=eve.user_id))
    for _ in range(2):  # the second time, it reads the event of the first
        await notify(company)
    changes = (await api.ask(CHANGES, after=now))["changes"]
    names = ["action.created", "action.assigned"]
    assert [change["event"] for change in changes["nodes"]] == names
    assert not changes["pageInfo"]["hasNextPage"]
    async with eve.signed_in() as of_eve:
        assert len(await listed(of_eve)) == 1
    async with company.application.database.read(Scope(company.organization_id)) as session:
        events = (await read_events(session, after=0, limit=1000))[-3:]
    assert [event.name for event in events] == [*names, "notification.created"]
    since = datetime(2000, 1, 1, tzinfo=UTC)
    endpoint = factories.webhook_endpoint(company.owner.user_id, enabled_at=since, states=[])
    assert [is_subscribed(endpoint, event) for event in events] == [True, True, False]


async def test_changed_work_is_counted_for_the_caller_once_for_several_events(
    company: Company, api: Client
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    async with eve.signed_in() as of_eve, subscribed(of_eve, WORK) as stream:
        new = {"code": "S1", "name": "Plant"}
        site = (await api.do("siteCreate", "site { id }", **new))["site"]  # is no work
        async with work_of(company) as work:
            action, _ = [await work.add(factories.action(owner_id=eve.user_id)) for _ in range(2)]
        counts = [(await stream.next())["myWorkChanged"]["totalCount"]]
        async with work_of(company) as work:
            await work.move(await work.get(Action, action.id), "actionCancel", reason="x")
        last = (await stream.next())["myWorkChanged"]
    assert [*counts, last["totalCount"]] == [2, 1]
    async with work_of(company) as work:
        await work.add(factories.action(owner_id=eve.user_id))
    async with eve.signed_in() as of_eve, subscribed(of_eve, WORK, after=last["cursor"]) as stream:
        assert (await stream.next())["myWorkChanged"]["totalCount"] == 2
        moved = {"id": eve.id, "siteId": site["id"], "expectedVersion": 1}
        assert (await api.do("userUpdate", **moved))["errors"] == []  # their access changes
        assert (await stream.next())["myWorkChanged"]["totalCount"] == 2

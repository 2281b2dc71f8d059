"""Watches: who may watch what, and the notifications of changes that they cause."""

from typing import Any

import sqlalchemy as sa

from qgp.comments.model import CommentVisibility
from qgp.findings.model import Finding
from qgp.kit import ids
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.notifications.model import NotificationKind
from qgp.watches.model import Watch
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of
from tests.notifications.consuming import listed, notify

WATCHED = """query ($id: ID!) { watches { totalCount nodes { record { id } } }
    node(id: $id) { ... on Watchable { viewerIsWatching } } }"""


async def shown(api: Client) -> list[tuple[str, str, str]]:
    """Return kind, event and record of the caller's notifications."""
    return [(one["kind"], one["event"], one["record"]["id"]) for one in await listed(api)]


async def change(company: Company, finding: Finding, **values: Any) -> None:
    async with work_of(company) as work:
        await work.change(await work.get(Finding, finding.id), values)
    await notify(company)


async def watches_of(company: Company) -> int:
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return int(await session.scalar(sa.select(sa.func.count()).select_from(Watch)) or 0)


async def test_a_watcher_is_notified_once_until_they_read_or_unwatch(company: Company) -> None:
    kim = await company.hire(Role.QUALITY_MANAGER)
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
        clause = await work.add(factories.clause((await work.add(factories.standard())).id))
    id = finding.public_id
    async with kim.signed_in() as of_kim:
        for _ in range(2):  # idempotent
            payload = await of_kim.do("recordWatch", "record { id viewerIsWatching }", id=id)
            assert payload == {"record": {"id": id, "viewerIsWatching": True}, "errors": []}
        await notify(company)  # the creation, before the watch
        assert await shown(of_kim) == []
        await change(company, finding, title="Another")
        async with work_of(company) as work:
            await work.add(factories.finding_clause(finding.id, clause.id))
            await work.add(factories.comment(finding))
        await notify(company)
        assert await shown(of_kim) == [("WATCHED_CHANGE", "finding.updated", id)]
        await of_kim.do("notificationsMarkRead", all=True)
        async with work_of(company) as work:
            await work.add(factories.comment(finding))
        await notify(company)
        events = {event for _, event, _ in await shown(of_kim)}
        assert events == {"finding.updated", "comment.created"}
        payload = await of_kim.do("recordUnwatch", "record { id viewerIsWatching }", id=id)
        assert payload == {"record": {"id": id, "viewerIsWatching": False}, "errors": []}
        await notify(company)
        assert await shown(of_kim) == []
        assert (await of_kim.do("recordUnwatch", id=id))["errors"] == []
        await change(company, finding, title="Yet another")
        assert await shown(of_kim) == []


async def test_a_change_after_the_mail_of_an_earlier_one_notifies_again(company: Company) -> None:
    kim = await company.hire(Role.QUALITY_MANAGER)
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
        work.session.add(factories.watch(kim.user_id, finding))
        facts = {"kind": NotificationKind.WATCHED_CHANGE, "mail_id": ids.uuid7()}
        work.session.add(factories.notification(kim.user_id, finding, **facts))
    for title in ("Another", "Yet another"):
        await change(company, finding, title=title)
    async with kim.signed_in() as of_kim:
        assert len(await shown(of_kim)) == 2


async def test_a_watcher_is_not_notified_of_their_own_change(company: Company, api: Client) -> None:
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
        work.session.add(factories.watch(company.owner.user_id, finding))
    await change(company, finding, title="Another")
    assert await shown(api) == []


async def test_one_change_that_assigns_and_is_watched_notifies_once(company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        finding = await work.add(factories.finding(created_by_id=eve.user_id))
        work.session.add(factories.watch(eve.user_id, finding))
    await change(company, finding, owner_id=eve.user_id)
    async with eve.signed_in() as of_eve:
        assert await shown(of_eve) == [("ASSIGNED", "finding.assigned", finding.public_id)]


async def test_a_comment_that_mentions_a_watcher_notifies_once(company: Company) -> None:
    kim = await company.hire(Role.QUALITY_MANAGER)
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
    await notify(company)
    async with work_of(company) as work:
        work.session.add(factories.watch(kim.user_id, finding))
        comment = await work.add(factories.comment(finding))
        await work.add(factories.comment_mention(comment.id, kim.user_id))
    await notify(company)
    async with kim.signed_in() as of_kim:
        kinds = [kind for kind, _, _ in await shown(of_kim)]
    assert kinds == ["MENTIONED"]


async def test_an_internal_comment_notifies_no_watcher_from_outside(company: Company) -> None:
    external = await company.hire(Role.EXTERNAL_AUDITOR)
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
        work.session.add(factories.watch(external.user_id, finding))
    async with external.signed_in() as of_external:
        for visibility in CommentVisibility:
            async with work_of(company) as work:
                await work.add(factories.comment(finding, visibility=visibility))
            await notify(company)
            is_seen = visibility is CommentVisibility.EXTERNAL
            assert len(await shown(of_external)) == int(is_seen)


async def test_the_watch_of_a_record_that_became_hidden_ends(company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    async with work_of(company) as work:
        hidden = await work.add(factories.finding())
        seen = await work.add(factories.finding(owner_id=eve.user_id))
    await notify(company)
    async with eve.signed_in() as of_eve:
        refused = [
            await of_eve.do(mutation, id=hidden.public_id)
            for mutation in ("recordWatch", "recordUnwatch")
        ]
        codes = [error["code"] for one in refused for error in one["errors"]]
        assert codes == ["NOT_FOUND", "NOT_FOUND"]
        await of_eve.do("recordWatch", id=seen.public_id)
        state = await of_eve.ask(WATCHED, id=seen.public_id)
        assert state == {
            "watches": {"totalCount": 1, "nodes": [{"record": {"id": seen.public_id}}]},
            "node": {"viewerIsWatching": True},
        }
        await change(company, seen, owner_id=company.owner.user_id)
        assert await shown(of_eve) == []
        assert (await of_eve.ask(WATCHED, id=seen.public_id))["watches"]["totalCount"] == 0
    assert await watches_of(company) == 0
    async with company.owner.signed_in() as of_owner:
        part = await of_owner.do("recordWatch", id=f"org_{company.organization_id.hex}")
        assert [error["path"] for error in part["errors"]] == [["id"]]

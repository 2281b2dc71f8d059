"""The attacks are worth something: they ask for every field, and each has something to tell."""

import json
from collections.abc import Iterator
from typing import Any

from graphql import get_named_type

from tests import factories
from tests.isolation.attack import Call, batches
from tests.isolation.conftest import Stage, known_arguments
from tests.isolation.documents import fields_of
from tests.kit.work import work_of
from tests.mails import mails_to, plain, token_in

PASSWORD = "a rather long sentence"
UNSEEN = {
    **{("TrailBreak", name): "nobody tampers here" for name in ("sequence", "problem", "message")},
    ("TrailVerification", "firstBroken"): "nobody tampers here",
    ("CalendarFeed", "lastReadAt"): "no calendar reads the feed",
    ("Subscription", "recordChanged"): "not read here, but in tests/events",
    ("Subscription", "notificationAdded"): "not read here, but in tests/notifications",
    ("Subscription", "myWorkChanged"): "not read here, but in tests/notifications",
    **{("AddedNotification", name): "of a subscription" for name in ("cursor", "notification")},
    **{("MyWorkChange", name): "of a subscription" for name in ("cursor", "totalCount")},
    ("CatalogueEntry", "transitionDeadline"): "no shipped edition has one yet",
    ("CommandError", "retryAfter"): "comes after too many attempts",
    ("Organization", "createdBy"): "the operator creates it, and is none of its users",
    ("TransitionNotAllowedError", "path"): "a step is refused as a whole",
}
REFUSED: tuple[tuple[str, dict[str, Any]], ...] = (
    ("standardUpdate", {"id": "new", "expectedVersion": 99}),  # stale
    ("causeNodeDelete", {"id": "top", "expectedVersion": 99}),  # stale, so that it is there
    ("questionDelete", {"id": "doubt", "expectedVersion": 99}),
    ("sectionDelete", {"id": "spare", "expectedVersion": 99}),
    ("sectionDelete", {"id": "part", "expectedVersion": 99}),  # likewise
    ("questionDelete", {"id": "choice", "expectedVersion": 99}),
    ("standardWithdraw", {"id": "new", "expectedVersion": "now"}),  # withdrawn already
    ("webhookEndpointDelete", {"id": "endpoint", "expectedVersion": 99}),
    ("delegationDelete", {"id": "absence", "expectedVersion": 99}),
    ("reminderRuleDelete", {"id": "reminders", "expectedVersion": 99}),
    ("siteCreate", {"code": " ", "name": "x"}),  # invalid
    ("userInvite", {"email": "x@firm.example", "name": "x", "role": "AUDITOR", "siteId": "none"}),
)


async def test_every_field_was_seen_with_a_value(stage: Stage) -> None:
    await _read(stage)
    await _read_changes(stage)
    await _be_refused(stage)
    await _sign_in_and_out(stage)
    assert fields_of(stage.documents.schema) - stage.seen == set(UNSEEN)


async def _read(stage: Stage) -> None:
    """Ask each root for a record of A, which a step knows or a list shows."""
    a = stage.a.ids
    async with stage.in_a() as asker:
        kinds: dict[str, str] = {}
        ids = [*a.values()]
        for at in range(0, len(ids), 50):
            nodes = await asker.ask("query", "nodes", {"ids": ids[at : at + 50]}, levels=1)
            rows = [row for row in nodes.json()["data"]["nodes"] if row]  # one was deleted
            kinds |= {row["__typename"]: row["id"] for row in rows}
        await asker.ask("query", "viewer", {}, levels=1)  # for the organization's history
        for is_look_up in (False, True):
            calls = []
            for root, field in stage.queries.items():
                if ("by" in field.args) == is_look_up:
                    id = kinds.get(get_named_type(field.type).name, a["rule"])
                    calls.append(Call("query", root, known_arguments(stage.a, field, id)))
            for part in batches(calls):
                _, answers = await asker.many(part, 1)
                for text in answers:
                    kinds = dict(_records(json.loads(text)["data"])) | kinds


async def _read_changes(stage: Stage) -> None:
    """Read the change of a part."""
    async with stage.in_a() as asker:
        now = (await asker.ask("query", "changes", {}, levels=1)).json()["data"]["changes"]
        async with work_of(stage.a.company) as work:
            standard = await work.add(factories.standard())
            clause = await work.add(factories.clause(standard.id))
            finding = await work.add(factories.finding())
            await work.add(factories.finding_clause(finding.id, clause.id))
        after = {"after": now["pageInfo"]["endCursor"]}
        await asker.ask("query", "changes", after, levels=1)


def _records(data: Any) -> Iterator[tuple[str, str]]:
    """Yield type and id of every record in an answer."""
    if isinstance(data, list):
        for item in data:
            yield from _records(item)
    elif isinstance(data, dict):
        if "id" in data:
            yield data["__typename"], data["id"]
        for value in data.values():
            yield from _records(value)


async def _be_refused(stage: Stage) -> None:
    """See each kind of error."""
    now = stage.a.at("new")["expectedVersion"]
    ids: dict[Any, Any] = {**stage.a.ids, "none": "sit_" + "0" * 32, "now": now}
    async with stage.in_a() as asker:
        for mutation, variables in REFUSED:
            put = {
                name: ids.get(v, v) if name in {"id", "siteId", "expectedVersion"} else v
                for name, v in variables.items()
            }
            answer = await asker.ask("mutation", mutation, {"input": put})
            assert answer.json()["data"][mutation]["errors"]


async def _sign_in_and_out(stage: Stage) -> None:
    """Go the way of an invited person through every command of accounts."""
    email = f"{stage.a.text('bob')}@firm.example".lower()
    got: dict[str, str] = {"invitation": stage.a.tokens["bob"]}
    steps: tuple[tuple[str, Any], ...] = (
        ("invitationAccept", {"token": "invitation", "password": PASSWORD}),
        ("calendarFeedCreate", None),
        ("login", {"email": email, "password": PASSWORD}),
        ("tokenRefresh", {"refreshToken": "refreshToken"}),
        ("passwordChange", {"currentPassword": PASSWORD, "newPassword": PASSWORD[::-1]}),
        ("exportLinkCreate", {"list": "sites"}),
        ("calendarFeedRevoke", None),
        ("logout", None),
        ("passwordResetRequest", {"email": email}),
        ("passwordReset", {"token": "mailed", "password": PASSWORD}),
    )
    for mutation, variables in steps:
        if mutation == "passwordReset":
            newest, *_ = await mails_to(stage.application, email)
            got["mailed"] = token_in(plain(newest.message))
        put = variables and {
            "input": {name: got.get(value, value) for name, value in variables.items()}
        }
        async with stage.asking(got.get("accessToken")) as asker:
            answer = (await asker.ask("mutation", mutation, put or {})).json()
        payload = answer["data"][mutation]
        assert payload["errors"] == [], mutation
        got |= {name: text for name, text in payload.items() if isinstance(text, str)}

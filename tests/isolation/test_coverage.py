"""The attacks are worth something: they ask for every field, and each has something to tell."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from graphql import get_named_type, is_interface_type

from tests import factories
from tests.isolation.attack import Call, batches
from tests.isolation.conftest import Stage, known_arguments
from tests.isolation.documents import fields_of, rows, shown
from tests.kit.work import work_of
from tests.mails import mails_to, plain, token_in

FURTHER = 8  # records of each kind that no step names, such as imported ones
AT_MOST = 100  # ids that `nodes` takes
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
    """Ask each root of A, and records of every kind for each field of theirs.

    What a list adds to its records it shows without them, and a record without related ones.
    """
    look_ups = {
        root: field
        for root, field in stage.queries.items()
        if "by" in field.args or is_interface_type(get_named_type(field.type))
    }
    async with stage.in_a() as asker:
        listed: list[str] = []
        for is_list, levels in ((True, 0), (False, 1)):
            calls = [
                Call("query", root, known_arguments(stage.a, field, stage.a.ids["rule"]))
                for root, field in stage.queries.items()
                if root not in look_ups and is_list is (rows(field) is not None)
            ]
            for part in batches(calls):
                _, answers = await asker.many(part, levels)
                listed += [id for text in answers for id in _ids(json.loads(text)["data"])]
        kinds: dict[str, str] = {}
        of_steps = stage.a.ids.values()
        ids = [*of_steps, *_first_of_each_kind(id for id in listed if id not in of_steps)]
        for at in range(0, len(ids), AT_MOST):
            nodes = await asker.ask("query", "nodes", {"ids": ids[at : at + AT_MOST]}, levels=0)
            kinds |= {row["__typename"]: row["id"] for row in nodes.json()["data"]["nodes"] if row}
        await asker.ask("query", "viewer", {}, levels=1)  # for the organization's history
        histories = await asker.send(stage.documents.histories(), {"ids": [*kinds.values()]})
        stage.seen |= set(shown(histories.json()["data"]))
        calls = []
        for root, field in look_ups.items():
            id = kinds.get(get_named_type(field.type).name, stage.a.ids["rule"])
            calls.append(Call("query", root, known_arguments(stage.a, field, id)))
        for part in batches(calls):
            await asker.many(part, 0)


def _first_of_each_kind(ids: Iterable[str]) -> Iterator[str]:
    """Yield some ids of each kind, which the prefix names."""
    alike: dict[str, set[str]] = {}
    for id in ids:
        kind = alike.setdefault(id.partition("_")[0], set())
        if id not in kind and len(kind) < FURTHER:
            kind.add(id)
            yield id


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


def _ids(data: Any) -> Iterator[str]:
    """Yield the id of every record in an answer."""
    if isinstance(data, list):
        for item in data:
            yield from _ids(item)
    elif isinstance(data, dict):
        if "id" in data:
            yield data["id"]
        for value in data.values():
            yield from _ids(value)


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
            answer = await asker.ask("mutation", mutation, {"input": put}, levels=0)
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
            answer = (await asker.ask("mutation", mutation, put or {}, levels=0)).json()
        payload = answer["data"][mutation]
        assert payload["errors"] == [], mutation
        got |= {name: text for name, text in payload.items() if isinstance(text, str)}

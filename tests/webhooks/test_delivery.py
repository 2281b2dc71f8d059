"""Delivery: signed by Standard Webhooks, retried, in the order of each record."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from standardwebhooks import Webhook

from qgp.egress.client import EgressClient
from qgp.kit import clock
from qgp.kit.ids import uuid7
from qgp.kit.outbox import OutboxEvent
from qgp.webhooks.commands.payloads import content_of
from tests.company import Client
from tests.receiver import Received, reply
from tests.webhooks.conftest import Webhooks


async def create_process(api: Client, code: str) -> dict[str, Any]:
    payload = await api.do(
        "processCreate", "process { id version }", code=code, name=code, kind="CORE"
    )
    process = payload["process"]
    return {"id": process["id"], "expectedVersion": process["version"]}


def types(requests: list[Received]) -> list[tuple[str, int]]:
    messages = [json.loads(request.body) for request in requests]
    return [(message["type"], message["data"]["version"]) for message in messages]


async def test_a_message_is_thin_and_verified_by_the_published_library(webhooks: Webhooks) -> None:
    endpoint, secret = await webhooks.create("process.*")
    process = await create_process(webhooks.api, "P1")
    assert (await webhooks.send(endpoint))[1] is None
    (request,) = webhooks.receiver.requests
    message = Webhook(secret).verify(request.body, dict(request.headers))
    (delivery,) = await webhooks.deliveries()
    assert request.headers["webhook-id"] == delivery["id"]
    assert delivery["status"] == "DELIVERED"
    assert (delivery["attempts"], delivery["responseCode"]) == (1, 204)
    assert delivery["recordId"] == process["id"]
    assert message["type"] == "process.created"
    data = message["data"]
    assert data.pop("eventId").startswith("evt_")
    assert data == {
        "id": process["id"],
        "version": 1,
        "partOfId": None,
        "actorId": webhooks.company.owner.id,
        "action": "processCreate",
    }
    rotated = await webhooks.api.do("webhookEndpointSecretRotate", "secret", **endpoint)
    await webhooks.api.do("processUpdate", **process, name="Renamed")
    await webhooks.send(endpoint)
    request = webhooks.receiver.requests[1]
    assert len(request.headers["webhook-signature"].split()) == 2
    for valid in (secret, rotated["secret"]):
        assert Webhook(valid).verify(request.body, dict(request.headers))["data"]["fields"] == [
            "name"
        ]
    await webhooks.api.do("processUpdate", **process | {"expectedVersion": 2}, name="Again")
    await webhooks.send(endpoint, at=clock.now() + timedelta(hours=25))
    headers = webhooks.receiver.requests[2].headers
    assert len(headers["webhook-signature"].split()) == 1


def test_a_message_names_users_by_their_public_ids() -> None:
    late, recipient = uuid7(), uuid7()
    event = OutboxEvent(
        id=uuid7(),
        entity="actions",
        entity_id=uuid7(),
        entity_version=2,
        action="remind",
        data={
            "userIds": [str(recipient)],
            "responsibleIds": {str(recipient): str(late)},
            "workKinds": {str(recipient): "VERIFY_ACTION"},
        },
    )
    user = f"usr_{recipient.hex}"
    content = content_of(event)
    assert content["userIds"] == [user]
    assert content["responsibleIds"] == {user: f"usr_{late.hex}"}
    assert content["workKinds"] == {user: "VERIFY_ACTION"}


async def test_a_failed_message_is_retried_before_later_ones_of_its_record(
    webhooks: Webhooks,
) -> None:
    receiver = webhooks.receiver
    receiver.replies = [reply(500), reply(503, "retry-after: 3600"), reply(204)]
    endpoint, _ = await webhooks.create("process.*")
    first = await create_process(webhooks.api, "P1")
    await webhooks.api.do("processUpdate", **first, name="Renamed")
    start, due = await webhooks.send(endpoint)
    assert types(receiver.requests) == [("process.created", 1)]
    assert timedelta(seconds=5) <= due - start <= timedelta(seconds=6)
    retried, later = await webhooks.send(endpoint, at=due)
    await create_process(webhooks.api, "P2")
    await webhooks.send(endpoint, at=retried)
    assert types(receiver.requests[1:]) == [("process.created", 1)] * 2
    assert later - due == timedelta(hours=1)
    assert [
        (d["status"], d["attempts"], d["responseCode"]) for d in await webhooks.deliveries()
    ] == [
        ("RETRYING", 2, 503),
        ("PENDING", 0, None),
        ("DELIVERED", 1, 204),
    ]
    assert (await webhooks.send(endpoint, at=later))[1] is None
    assert types(receiver.requests[3:]) == [("process.created", 1), ("process.updated", 2)]
    ids = [request.headers["webhook-id"] for request in receiver.requests]
    assert ids[0] == ids[1] == ids[3]


async def test_ten_attempts_over_three_days_then_dead_until_replayed(webhooks: Webhooks) -> None:
    webhooks.receiver.replies = [reply(302, "location: https://other.example/")]
    endpoint, _ = await webhooks.create("process.created")
    await create_process(webhooks.api, "P1")
    waits: list[timedelta] = []
    due = None
    while due is not None or not waits:
        at, due = await webhooks.send(endpoint, at=due)
        waits += [due - at] if due else []
    delays = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert all(
        timedelta(seconds=delay) <= wait <= timedelta(seconds=delay * 1.2)
        for delay, wait in zip(delays, waits, strict=True)
    )
    (delivery,) = await webhooks.deliveries()
    assert (delivery["status"], delivery["attempts"]) == ("DEAD", 10)
    assert delivery["error"] == (
        "The receiver answered 302; only 200 to 299 count as received. Redirects are not followed; "
        "change the address."
    )
    webhooks.receiver.replies = [reply(200)]
    payload = await webhooks.api.do(
        "webhookDeliveryReplay", "webhookDelivery { id status }", id=delivery["id"]
    )
    assert payload["webhookDelivery"] == {"id": delivery["id"], "status": "PENDING"}
    await webhooks.send(endpoint)
    (delivery,) = await webhooks.deliveries()
    assert (delivery["status"], delivery["attempts"], delivery["error"]) == ("DELIVERED", 1, None)
    assert {request.headers["webhook-id"] for request in webhooks.receiver.requests} == {
        delivery["id"]
    }


async def test_an_endpoint_that_only_failed_for_five_days_is_disabled(webhooks: Webhooks) -> None:
    webhooks.receiver.replies = [reply(500)]
    endpoint, _ = await webhooks.create("process.created")
    await create_process(webhooks.api, "P1")
    start, _ = await webhooks.send(endpoint)
    for hours, status in ((119, "ACTIVE"), (120, "DISABLED")):
        await create_process(webhooks.api, f"P{hours}")
        await webhooks.send(endpoint, at=start + timedelta(hours=hours))
        assert (await webhooks.endpoint(endpoint))["status"] == status
    count = len(webhooks.receiver.requests)
    await create_process(webhooks.api, "Unsent")
    assert (await webhooks.send(endpoint, at=start + timedelta(hours=200)))[1] is None
    assert len(webhooks.receiver.requests) == count
    shown = await webhooks.endpoint(endpoint)
    assert shown["disabledReason"] == "FAILING"
    webhooks.receiver.replies = [reply(204)]
    changes = {"id": endpoint["id"], "expectedVersion": shown["version"]}
    assert (await webhooks.api.do("webhookEndpointEnable", **changes))["errors"] == []
    await webhooks.send(endpoint, at=start + timedelta(hours=200))
    assert [delivery["status"] for delivery in await webhooks.deliveries()] == ["DELIVERED"] * 3


async def test_a_receiver_that_is_gone_disables_at_once(webhooks: Webhooks) -> None:
    webhooks.receiver.replies = [reply(410)]
    endpoint, _ = await webhooks.create("process.created")
    notices, _ = await webhooks.create("webhook_endpoint.*", name="Monitor")
    await create_process(webhooks.api, "P1")
    await webhooks.send(endpoint)
    assert (await webhooks.endpoint(endpoint))["disabledReason"] == "GONE"
    statuses = {one["eventName"]: one["status"] for one in await webhooks.deliveries()}
    assert statuses["process.created"] == "DEAD"
    webhooks.receiver.replies = [reply(204)]
    webhooks.receiver.requests.clear()
    await webhooks.send(notices)
    messages = [json.loads(request.body) for request in webhooks.receiver.requests]
    (disabled,) = [m for m in messages if m["type"] == "webhook_endpoint.disabled"]
    assert (disabled["data"]["id"], disabled["data"]["reason"]) == (endpoint["id"], "GONE")


async def test_an_attempt_whose_process_ended_is_repeated_after_its_lease(
    webhooks: Webhooks,
) -> None:
    endpoint, _ = await webhooks.create("process.created")
    await create_process(webhooks.api, "P1")
    await webhooks.dispatch()
    is_sending = asyncio.Event()

    async def hang(name: str, port: int) -> Sequence[str]:
        is_sending.set()
        await asyncio.Event().wait()
        return []

    task = asyncio.create_task(webhooks.send_by(EgressClient(True, hang), endpoint))
    await is_sending.wait()
    task.cancel()
    await asyncio.wait({task})
    at, due = await webhooks.send(endpoint)
    assert not webhooks.receiver.requests
    assert timedelta(seconds=50) < due - at <= timedelta(seconds=60)
    await webhooks.send(endpoint, at=due + timedelta(microseconds=1))
    (delivery,) = await webhooks.deliveries()
    (request,) = webhooks.receiver.requests
    assert request.headers["webhook-id"] == delivery["id"]
    assert (delivery["status"], delivery["attempts"]) == ("DELIVERED", 2)

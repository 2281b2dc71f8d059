"""The worker sends events to the endpoints of organizations, without further calls."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sqlalchemy as sa
from standardwebhooks import Webhook

from qgp.app import Application
from tests.company import Hiring
from tests.kit.conftest import scratch_application
from tests.receiver import receiving, reply
from tests.webhooks.conftest import Webhooks
from tests.webhooks.test_delivery import create_process


async def test_the_worker_sends_events_tests_replays_and_retries(server_url: sa.URL) -> None:
    async with scratch_application(server_url) as application, receiving() as receiver:
        company = await Hiring(application).company()
        async with company.owner.signed_in() as api, working(application):
            webhooks = Webhooks(api, company, receiver)
            endpoint, secret = await webhooks.create("process.*")
            process = await create_process(api, "P1")
            await received(webhooks, 1)
            receiver.replies = [reply(500), reply(204)]
            assert (await api.do("webhookEndpointTest", **endpoint))["errors"] == []
            await received(webhooks, 3)  # after 5 seconds
            (first, _) = await webhooks.deliveries()
            replayed = await api.do("webhookDeliveryReplay", id=first["id"])
            assert replayed["errors"] == []
            await received(webhooks, 4)
    messages = [Webhook(secret).verify(one.body, dict(one.headers)) for one in receiver.requests]
    assert [message["type"] for message in messages] == [
        "process.created",
        "webhook_endpoint.test",
        "webhook_endpoint.test",
        "process.created",
    ]
    assert messages[0]["data"]["id"] == process["id"]
    assert json.loads(receiver.requests[3].body) == messages[0]


@asynccontextmanager
async def working(application: Application) -> AsyncIterator[None]:
    """Run the background work of a process within the block."""
    task = asyncio.create_task(application.background_work.run(works=True))
    try:
        async with asyncio.timeout(25):
            yield
    finally:
        task.cancel()
        await asyncio.wait({task}, timeout=10)


async def received(webhooks: Webhooks, count: int) -> None:
    """Wait until the receiver has had so many requests, and the log has their outcome."""
    while True:
        statuses = {delivery["status"] for delivery in await webhooks.deliveries()}
        if len(webhooks.receiver.requests) >= count and statuses <= {"DELIVERED"}:
            return
        await asyncio.sleep(0.1)

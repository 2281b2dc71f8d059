"""The worker sends events to the endpoints of organizations, without further calls."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import sqlalchemy as sa
from standardwebhooks import Webhook

from qgp.app import Application
from qgp.egress.client import EgressClient
from qgp.kit import clock, ids
from qgp.kit.background_jobs import Job, JobContext, JobQueue
from qgp.webhooks import jobs
from qgp.webhooks.commands.sending import AT_ONCE
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


class Keys(JobQueue):
    """Queue that keeps the keys of its jobs."""

    def __init__(self) -> None:
        self.keys: list[str | None] = []

    async def enqueue(
        self, job: Job, parameters: object, *, key: str | None = None, **_: object
    ) -> None:
        """Keep the key."""
        self.keys.append(key)


async def test_a_job_that_may_not_send_yet_adds_another_under_another_key(
    webhooks: Webhooks,
) -> None:
    endpoint, _ = await webhooks.create("process.created")
    for number in range(AT_ONCE + 1):
        await create_process(webhooks.api, f"P{number}")
    await webhooks.dispatch()
    waiting = asyncio.Event()

    async def hang(name: str, port: int) -> Sequence[str]:
        waiting.set()
        await asyncio.Event().wait()
        return []

    task = asyncio.create_task(webhooks.send_by(EgressClient(True, hang), endpoint))
    await waiting.wait()
    task.cancel()
    await asyncio.wait({task})
    queue, application = Keys(), webhooks.company.application
    services = application.services.by_type.with_(queue, application.stored_documents)
    ids_of_job = {
        "organization": str(webhooks.company.organization_id),
        "endpoint": str(ids.decode("whe", endpoint["id"])),
    }
    now = clock.now()
    for second in range(2):
        with clock.fixed(now + timedelta(seconds=second)):
            await jobs.send.run(JobContext(application.database, services), ids_of_job)
    assert not webhooks.receiver.requests
    first, later = queue.keys
    assert first != later

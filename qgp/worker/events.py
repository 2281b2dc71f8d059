"""Events of the outbox, read by the consumers that modules declare."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from qgp.kit import outbox
from qgp.kit.background_jobs import EventConsumer, Job, JobContext, JobQueue
from qgp.kit.operating import operating
from qgp.worker.outbox_cursors import behind, lock_position, set_position

_BATCH = 200  # events of one transaction


def consuming(consumers: Mapping[str, EventConsumer]) -> Job:
    """Return the kind of job that lets a consumer read an organization's new events."""

    async def run(context: JobContext, parameters: Mapping[str, Any]) -> None:
        consumer = consumers[parameters["consumer"]]
        while await _read_batch(context, consumer, UUID(parameters["organization"])):
            pass

    return Job("outbox.consume", run)


async def enqueue_new(
    context: JobContext, queue: JobQueue, job: Job, consumers: Mapping[str, EventConsumer]
) -> bool:
    """Add a job for each consumer and organization with events that it has not read.

    A consumer whose job is executed at this moment gets none.

    Returns:
        Whether there are such events.
    """
    unread = await behind(context.database, [*consumers])
    for organization_id, name in unread:
        parameters = {"consumer": name, "organization": str(organization_id)}
        await queue.enqueue(job, parameters, key=f"consume/{name}/{organization_id}")
    return bool(unread)


async def _read_batch(context: JobContext, consumer: EventConsumer, organization_id: UUID) -> bool:
    """Let a consumer read the next events, and return whether there may be more."""
    async with operating(
        context.database, organization_id, consumer.action, context.services
    ) as work:
        position = await lock_position(work, consumer.name)
        events = await outbox.read_events(work.session, after=position, limit=_BATCH)
        if events:
            await consumer.run(work, events)
            await set_position(work, consumer.name, events[-1].position)
    return len(events) == _BATCH

"""Background work of webhooks: dispatch of events, attempts to deliver, and the log's retention."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from qgp.egress.client import EgressClient
from qgp.kit import clock
from qgp.kit.background_jobs import DailyJob, EventConsumer, Job, JobContext, JobQueue
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.outbox import OutboxEvent
from qgp.kit.secret_box import SecretBox
from qgp.kit.session import Database
from qgp.kit.stored_documents import StoredDocuments
from qgp.kit.work import Work
from qgp.webhooks.commands.deliveries import expire
from qgp.webhooks.commands.dispatch import dispatch
from qgp.webhooks.commands.sending import Sender

_ENDPOINTS_AT_ONCE = 20  # that all workers together send to at a time
_SHORTEST_PAUSE = timedelta(seconds=1)
# After this time the transaction of a dispatch is over, whether its process still runs or not.
_AFTER_DISPATCH = timedelta(seconds=30)


async def _send(context: JobContext, parameters: Mapping[str, Any]) -> None:
    """Send what is due to an endpoint, and add a job for the next attempt."""
    services = context.services
    sender = Sender(
        context.database,
        services[EgressClient],
        services[SecretBox],
        services[StoredDocuments],
    )
    endpoint_id = UUID(parameters["endpoint"])
    due = await sender.send_due(UUID(parameters["organization"]), endpoint_id)
    if due is not None:
        now = clock.now()
        at = max(due, now + _SHORTEST_PAUSE)
        # Never the key of this job, under which nothing is added while it runs.
        key = f"webhooks.send/{endpoint_id}/{at.isoformat(timespec='seconds')}"
        await services[JobQueue].enqueue(send, parameters, key=key, after=at - now)


async def _consume(work: Work, events: Sequence[OutboxEvent]) -> None:
    """Dispatch events; send at the commit, and once more where the process ends before it."""
    queue = work.services[JobQueue]
    for endpoint_id in await dispatch(work, events):
        parameters = {
            "organization": str(work.caller.organization_id),
            "endpoint": str(endpoint_id),
        }
        key = f"webhooks.send/{endpoint_id}/{events[-1].position}"
        await queue.enqueue(send, parameters, key=key, after=_AFTER_DISPATCH)
        work.after_commit(partial(_send_now, queue, parameters))


async def _send_now(queue: JobQueue, parameters: Mapping[str, Any], _: Database) -> None:
    await queue.enqueue(send, parameters)


async def _expire(work: Work) -> None:
    await expire(work.session)


send = Job("webhooks.send", _send, at_once=_ENDPOINTS_AT_ONCE)
dispatch_events = EventConsumer("webhooks", OperatorAction.WEBHOOKS_SEND, _consume)
expire_deliveries = DailyJob(OperatorAction.WEBHOOK_DELIVERIES_EXPIRE, _expire)

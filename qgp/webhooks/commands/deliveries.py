"""Commands on deliveries: replay, and removal of old ones."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import clock
from qgp.kit.errors import Invalid, NotFound
from qgp.kit.work import Work
from qgp.webhooks.commands.endpoints import require_active
from qgp.webhooks.facts import REPLAYED
from qgp.webhooks.model import OPEN, WebhookDelivery, WebhookDeliveryStatus, WebhookEndpoint

RETENTION = timedelta(days=30)


async def replay(work: Work, *, id: UUID) -> WebhookDelivery:
    """Send a message again, with ten attempts as the first time.

    Raises:
        NotFound: there is no such delivery, or its endpoint is deleted.
        Invalid: it is still being sent, or the endpoint is DISABLED.
    """
    statement = sa.select(WebhookDelivery).where(WebhookDelivery.id == id).with_for_update()
    delivery = await work.session.scalar(statement)
    if delivery is None:
        raise NotFound("No WebhookDelivery with this id is visible to you.", "id")
    endpoint = await work.get(WebhookEndpoint, delivery.endpoint_id)
    require_active(endpoint)
    if delivery.status in OPEN:
        message = (
            f"This delivery is {delivery.status.value} and will be attempted again. Only DELIVERED "
            "and DEAD ones are replayed."
        )
        raise Invalid(message, "id")
    delivery.status, delivery.attempts = WebhookDeliveryStatus.PENDING, 0
    delivery.next_attempt_at, delivery.first_attempt_at = clock.now(), None
    delivery.delivered_at = None
    work.emit(endpoint, REPLAYED, deliveryId=delivery.public_id)
    return delivery


async def expire(session: AsyncSession) -> int:
    """Delete the deliveries that are older than 30 days; return their number."""
    table = cast(Any, WebhookDelivery.__table__)
    statement = sa.delete(table).where(table.c.created_at < clock.now() - RETENTION)
    return (await (await session.connection()).execute(statement)).rowcount

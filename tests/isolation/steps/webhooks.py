"""Webhooks to an address that nobody sends to, and a delivery as the worker leaves it."""

from typing import Any

import sqlalchemy as sa

from qgp.kit import clock, ids
from qgp.kit.session import Scope
from qgp.webhooks.model import WebhookDeliveryStatus, WebhookEndpoint
from tests import factories
from tests.isolation.world import Step, World, change


def _endpoint(world: World) -> dict[str, Any]:
    alias = world.text("result").replace("-", "_")
    return {
        "name": world.text("erp"),
        "url": f"https://hooks.example/{world.text('hook')}",
        "events": ["finding.*"],
        "states": ["CLOSED"],
        "changedFields": ["owner"],
        "requiresOtherActor": True,
        "document": f"query ($id: ID!) {{ {alias}: node(id: $id) {{ id }} }}",
    }


def _spare(world: World) -> dict[str, Any]:
    return _endpoint(world) | {"name": world.text("spare")}


async def _deliver(world: World) -> None:
    """Leave a delivery whose attempts failed, and one that was received after a failure."""
    company, now = world.company, clock.now()
    facts = {"response_code": 500, "latency_ms": 12, "error": world.text("error")}
    attempts = {"attempts": 10, "first_attempt_at": now, "last_attempt_at": now}
    async with company.application.database.write(Scope(company.organization_id)) as session:
        id = ids.decode("whe", world.ids["endpoint"])
        statement = sa.select(WebhookEndpoint).where(WebhookEndpoint.id == id)
        endpoint = (await session.scalars(statement)).one()
        dead, delivered = (
            factories.webhook_delivery(endpoint, status=status, **facts, **attempts)
            for status in (WebhookDeliveryStatus.DEAD, WebhookDeliveryStatus.DELIVERED)
        )
        delivered.delivered_at = now
        session.add_all([dead, delivered])
    world.ids["delivery"] = dead.public_id


STEPS = (
    Step("webhookEndpointCreate", "endpoint", _endpoint),
    Step("webhookEndpointUpdate", "endpoint", change("endpoint", name=str)),
    Step("webhookEndpointSecretRotate", "endpoint", change("endpoint")),
    Step("webhookEndpointTest", "endpoint", change("endpoint"), awaits=_deliver),
    Step("webhookEndpointDisable", "endpoint", change("endpoint")),
    Step("webhookEndpointEnable", "endpoint", change("endpoint")),
    Step("webhookDeliveryReplay", "delivery", lambda world: {"id": world.ids["delivery"]}),
    Step("webhookEndpointCreate", "spare-endpoint", _spare),
    Step("webhookEndpointDelete", "spare-endpoint", change("spare-endpoint")),
    Step("webhookEndpointDisable", "endpoint", change("endpoint")),
)

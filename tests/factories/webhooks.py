"""Webhooks: endpoints and deliveries."""

from itertools import count
from typing import Any
from uuid import UUID

from qgp.kit import clock, ids
from qgp.webhooks.model import WebhookDelivery, WebhookEndpoint

_number = count()


def webhook_endpoint(acting_user_id: UUID, **facts: Any) -> WebhookEndpoint:
    """Make an active endpoint of all events."""
    defaults = {
        "name": f"Endpoint {next(_number)}",
        "url": "https://hooks.example/",
        "events": ["*"],
        "enabled_at": clock.now(),
        "secret_rotated_at": clock.now(),
    }
    return WebhookEndpoint(acting_user_id=acting_user_id, **defaults | facts)


def webhook_delivery(endpoint: WebhookEndpoint, **facts: Any) -> WebhookDelivery:
    """Make a pending delivery of the creation of an endpoint to itself."""
    now = clock.now()
    defaults = {
        "event_id": ids.uuid7(),
        "event_position": 1,
        "event_name": "webhook_endpoint.created",
        "event_at": now,
        "entity": WebhookEndpoint.__tablename__,
        "entity_id": endpoint.id,
        "event": {"id": endpoint.public_id},
        "created_at": now,
        "next_attempt_at": now,
    }
    scope = {"organization_id": endpoint.organization_id, "endpoint_id": endpoint.id}
    return WebhookDelivery(**scope, **defaults | facts)

"""Loaders and registers of webhook endpoints and deliveries, and the lazy name of the endpoint."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from qgp.kit.loader import Register, one
from qgp.webhooks import model
from qgp.webhooks.policy import READ

if TYPE_CHECKING:
    from qgp.webhooks.types import WebhookEndpoint

WebhookEndpointRef = Annotated["WebhookEndpoint", strawberry.lazy("qgp.webhooks.types")]

webhook_endpoint_by_id = one(model.WebhookEndpoint, READ)

webhook_endpoints = Register(model.WebhookEndpoint, READ, ("name",))
webhook_deliveries = Register(model.WebhookDelivery, READ, ("created_at",))

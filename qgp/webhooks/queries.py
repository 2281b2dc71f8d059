"""Root fields that read webhooks."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.webhooks import loaders
from qgp.webhooks.loaders import webhook_endpoint_by_id
from qgp.webhooks.types import WebhookDelivery, WebhookEndpoint


@strawberry.type
class Query:
    """Root reads."""

    webhook_endpoint: WebhookEndpoint | None = lookup(
        "One webhook endpoint.", id=webhook_endpoint_by_id
    )
    webhook_endpoints: Connection[WebhookEndpoint] | None = listing(
        loaders.webhook_endpoints, "Webhook endpoints by name. For owners and administrators."
    )
    webhook_deliveries: Connection[WebhookDelivery] | None = listing(
        loaders.webhook_deliveries,
        "Deliveries to all webhook endpoints in the last 30 days, oldest first. For owners and "
        "administrators.",
    )

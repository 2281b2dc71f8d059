"""Mutations of webhook endpoints and deliveries."""

from typing import Any

import strawberry

from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.gql import Offer, Payload, command, create, input_field, input_type, mutation, update
from qgp.webhooks import model, policy
from qgp.webhooks.commands import deliveries, endpoints
from qgp.webhooks.loaders import webhook_endpoint_by_id
from qgp.webhooks.types import WebhookDelivery, WebhookEndpoint

_SECRET = Offer(
    "Secret that signs the messages, `whsec_` and 32 bytes in Base64. It is returned once: null on "
    "refusal, and where an idempotency key is repeated.",
    is_answer=True,
)


class WebhookEndpointCreateFields:
    """Input fields of a new endpoint beside those of its type."""

    events: list[str] = input_field(
        "Names of events as `RecordChange.event` lists them, such as finding.transitioned, with * "
        "for any record or any verb: finding.*, *.overdue, or * for all; 1 to 50."
    )


@input_type
class WebhookDeliveryReplayInput:
    """Parameters for `webhookDeliveryReplay`."""

    id: strawberry.ID = strawberry.field(description="The delivery.")


@strawberry.type(description="Result of `webhookDeliveryReplay`.")
class WebhookDeliveryReplayPayload(Payload):
    """The delivery that is sent again."""

    webhook_delivery: WebhookDelivery | None = strawberry.field(
        description="The delivery, PENDING again; null on refusal."
    )


async def _replay(context: Context, input: WebhookDeliveryReplayInput) -> dict[str, Any]:
    id = ids.decode(model.WebhookDelivery.prefix, input.id, "id")
    async with context.unit_of_work("webhookDeliveryReplay") as work:
        return {"webhook_delivery": await deliveries.replay(work, id=id)}


webhook_endpoint_create = create(
    WebhookEndpoint,
    policy.MANAGE,
    endpoints.create,
    description="Registers a webhook endpoint, ACTIVE from now on; at most 20 in an organization. "
    "The payload has its secret, once.",
    more=WebhookEndpointCreateFields,
    offers={"secret": _SECRET},
)
webhook_endpoint_update = update(
    WebhookEndpoint,
    policy.MANAGE,
    endpoints.update,
    description="Changes a webhook endpoint, for messages that are not sent yet too. A change of "
    "`document` makes the caller its `actingUser`.",
)
webhook_endpoint_enable = command(
    endpoints.enable,
    permission=policy.MANAGE,
    result=webhook_endpoint_by_id,
    description="Enables a DISABLED webhook endpoint; the caller becomes its `actingUser`. Open "
    "deliveries continue.",
)
webhook_endpoint_disable = command(
    endpoints.disable,
    permission=policy.MANAGE,
    result=webhook_endpoint_by_id,
    description="Disables a webhook endpoint; nothing more is sent to it.",
)
webhook_endpoint_delete = command(
    endpoints.delete,
    permission=policy.MANAGE,
    result=webhook_endpoint_by_id,
    description="Deletes a webhook endpoint and its secret. Its deliveries stay for 30 days.",
    deletes=True,
)
webhook_endpoint_secret_rotate = command(
    endpoints.rotate_secret,
    permission=policy.MANAGE,
    result=webhook_endpoint_by_id,
    description="Gives a webhook endpoint another secret, which the payload has, once. Messages "
    "have a second signature by the former secret for 24 hours.",
    offers={"secret": _SECRET},
)
webhook_endpoint_test = command(
    endpoints.test,
    permission=policy.MANAGE,
    result=webhook_endpoint_by_id,
    description="Sends the event webhook_endpoint.test to an ACTIVE webhook endpoint.",
)
webhook_delivery_replay = mutation(
    _replay,
    input=WebhookDeliveryReplayInput,
    payload=WebhookDeliveryReplayPayload,
    description="Sends a DELIVERED or DEAD message again, with the same `webhook-id`, to an ACTIVE "
    "webhook endpoint. For OWNER, ADMIN.",
    permission=policy.MANAGE,
)

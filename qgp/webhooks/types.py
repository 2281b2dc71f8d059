"""GraphQL types of webhook endpoints and deliveries."""

from datetime import datetime

import strawberry

from qgp.kit import ids
from qgp.kit.gql import (
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    SORT,
    URL,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    computed,
    listing,
    public_id,
    record,
    viewer_can,
)
from qgp.kit.model import records
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored
from qgp.webhooks import model, policy
from qgp.webhooks.loaders import WebhookEndpointRef, webhook_deliveries, webhook_endpoint_by_id
from qgp.webhooks.model import (
    MOST_ITEMS,
    WebhookDeliveryStatus,
    WebhookDisabledReason,
    WebhookEndpointStatus,
)


@record(model.WebhookDelivery)
class WebhookDelivery:
    """Delivery of one event to one webhook endpoint; kept for 30 days.

    The message is `{type, timestamp, data}` by Standard Webhooks; `type` is the name of the event.
    `data` has `eventId`, `id` and `version` of the record, `partOfId`, `actorId`, `action` (the
    mutation) and, if the record has one, `reference`; of a change `fields`, of a transition `from`
    and `to`, of an assignment `field` and `userId`, of a due date `field`, `dueOn`, `daysUntilDue`,
    `userIds`, `responsibleIds` and `workKinds`. It has no texts of the record; with a `document` of
    the endpoint also `result`, its `data`, and `errors`. Each attempt has the same header
    `webhook-id`, the `id` of the delivery: a receiver ignores an id that it has processed. The
    events of one record are sent in order: a later one waits until the earlier one is DELIVERED or
    DEAD.
    """

    id: strawberry.ID = public_id(
        "Public id of the delivery, the header `webhook-id` of its attempts."
    )
    endpoint: WebhookEndpointRef | None = belongs_to(
        webhook_endpoint_by_id, "Endpoint; null once it is deleted.", FILTER
    )
    event_name: str = column("Name of the event, such as finding.transitioned.", LISTED)
    event_at: datetime = column("Instant of the event.")
    record_id: strawberry.ID = computed(
        lambda row: ids.encode(records()[row.entity].prefix, row.entity_id),
        "Id of the record that the event is of.",
    )
    status: WebhookDeliveryStatus = column("Status.", FILTER)
    attempts: int = column("Number of attempts since creation, or since the last replay; up to 10.")
    response_code: int | None = column(
        "Status code of the last response (HTTP); null without a response.", FILTER
    )
    latency_ms: int | None = column(
        "Milliseconds from the beginning of the last attempt to its response; null before."
    )
    error: str | None = column("Reason why the last attempt failed; null if it did not.")
    created_at: datetime = column("Instant at which the event was dispatched.", LISTED)
    last_attempt_at: datetime | None = column("Instant of the last attempt; null before.")
    next_attempt_at: datetime | None = column(
        "Earliest instant of the next attempt; null if none follows."
    )
    delivered_at: datetime | None = column("Instant of the delivery; null unless DELIVERED.")


@record(model.WebhookEndpoint)
class WebhookEndpoint(Authored, Recorded, Node):
    """Address of an integration, to which events are sent as they happen (Standard Webhooks).

    Each message is signed: `webhook-signature` is `v1,` and the HMAC-SHA256, in Base64, of
    `webhook-id`, `webhook-timestamp` and the body, joined by dots. Any answer but 200 to 299 within
    15 seconds is a failure, a redirect too. A failed message is sent again after 5 s, 5 min,
    30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h, each up to a fifth later; then it is DEAD.
    """

    name: str = column("Name, unique in the organization.", EDITABLE | LISTED)
    url: URL = column(
        "Address that receives the messages: public, https, without user name and password; its "
        "redirects are not followed.",
        EDITABLE,
    )
    events: list[str] = column(
        "Names of events as `RecordChange.event` lists them, such as finding.transitioned, with * "
        "for any record or any verb: finding.*, *.overdue, or * for all",
        EDITABLE,
        most=MOST_ITEMS,
    )
    states: list[str] = column(
        "States of which one must be entered for an event to be sent; empty for all events",
        EDITABLE,
        most=MOST_ITEMS,
    )
    changed_fields: list[str] = column(
        "Fields of which one must be changed for an event to be sent, such as dueOn or owner; "
        "empty for all events",
        EDITABLE,
        most=MOST_ITEMS,
    )
    requires_other_actor: bool = column(
        "Whether changes by `actingUser` are left out, so that an integration that also writes "
        "receives no events of its own changes.",
        EDITABLE,
        default=False,
    )
    document: str | None = column(
        "GraphQL query that shapes `data.result` of the message: one operation whose only variable "
        "without a default is `$id: ID!`, the record. It is executed for each attempt, under the "
        "rights of `actingUser` and the limits of a request. A message has at most 20,480 bytes; a "
        "larger result is left out. Null for none.",
        EDITABLE,
        max_length=PROSE,
    )
    status: WebhookEndpointStatus = column("Status.", LISTED)
    disabled_reason: WebhookDisabledReason | None = column(
        "Reason why it is DISABLED; null while it is ACTIVE.", FILTER
    )
    acting_user: UserRef | None = belongs_to(
        user_by_id,
        "User under whose rights events are sent: who created or enabled it, or wrote `document`, "
        "last.",
        FILTER,
    )
    enabled_at: datetime = column("Instant since which it is ACTIVE, or was last.", SORT)
    secret_rotated_at: datetime = column("Instant at which the present secret was made.", SORT)
    deliveries: Connection[WebhookDelivery] = listing(
        webhook_deliveries,
        "Deliveries of the last 30 days, oldest first.",
        parent=model.WebhookDelivery.endpoint_id,
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the endpoint")

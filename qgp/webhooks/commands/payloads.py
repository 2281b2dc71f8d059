"""Messages of deliveries: the content of an event, what a document adds, and the signature."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from standardwebhooks import Webhook

from qgp.kit import clock, ids
from qgp.kit.model import Record, records
from qgp.kit.outbox import EventVerb, OutboxEvent
from qgp.kit.policy import Principal
from qgp.kit.stored_documents import StoredDocuments
from qgp.webhooks.facts import is_test
from qgp.webhooks.model import WebhookDelivery, WebhookEndpoint

LARGEST = 20 * 1024  # bytes of a message


def _user_id(id: str) -> str:
    return ids.encode("usr", UUID(id))


# Entries of an event's data that name users, which the outbox has by the ids of the database.
_USERS: Mapping[str, Callable[[Any], Any]] = {
    "userId": _user_id,
    "userIds": lambda users: [*map(_user_id, users)],
    "responsibleIds": lambda users: {_user_id(to): _user_id(of) for to, of in users.items()},
    "workKinds": lambda kinds: {_user_id(user): kind for user, kind in kinds.items()},
}


def content_of(event: OutboxEvent) -> dict[str, Any]:
    """Return the content of the messages of an event: ids, versions, references and names."""
    kind = records()[event.entity]
    data = {
        name: _USERS[name](value) if name in _USERS else value for name, value in event.data.items()
    }
    return {
        "eventId": ids.encode("evt", event.id),
        "id": ids.encode(kind.prefix, event.entity_id),
        "version": event.entity_version,
        "partOfId": _part_of_id(kind, event.part_of_id),
        "actorId": event.actor_id and ids.encode("usr", event.actor_id),
        "action": event.action,
        **data,
    }


def _part_of_id(kind: type[Record], id: UUID | None) -> str | None:
    if id is None or kind.part_of is None:
        return None
    table = kind.__table__.columns[kind.part_of].info["ref"]
    return ids.encode(records()[table].prefix, id)


async def message_of(
    delivery: WebhookDelivery,
    endpoint: WebhookEndpoint,
    documents: StoredDocuments,
    principal: Principal,
) -> bytes:
    """Return the body of a message, with the present result of the endpoint's document.

    A deleted record has no result; one that would make the message too large is left out.
    """
    message: dict[str, Any] = {
        "type": delivery.event_name,
        "timestamp": clock.print_instant(delivery.event_at),
        "data": dict(delivery.event),
    }
    if endpoint.document is None or not _has_record(delivery.event_name):
        return orjson.dumps(message)
    result = await documents.execute(principal, endpoint.document, delivery.event["id"])
    message["data"]["result"] = result.get("data")
    if errors := result.get("errors"):
        message["data"]["errors"] = [error["message"] for error in errors]
    body = orjson.dumps(message)
    if len(body) <= LARGEST:
        return body
    problem = f"The message would have {len(body):,} bytes; at most {LARGEST:,} are sent."
    message["data"] |= {"result": None, "errors": [problem]}
    return orjson.dumps(message)


def _has_record(event_name: str) -> bool:
    return not is_test(event_name) and not event_name.endswith(f".{EventVerb.DELETED.value}")


def headers_of(
    delivery: WebhookDelivery, body: bytes, secrets: Sequence[str], at: datetime
) -> Mapping[str, str]:
    """Return the headers of a message, with a signature by each secret."""
    signatures = [Webhook(secret).sign(delivery.public_id, at, body.decode()) for secret in secrets]
    return {
        "content-type": "application/json",
        "webhook-id": delivery.public_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }

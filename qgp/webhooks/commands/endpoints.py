"""Commands on webhook endpoints: create, change, enable, disable, delete, rotate the secret."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.egress.client import DestinationRefused, EgressClient
from qgp.events.facts import require_patterns
from qgp.kit import clock
from qgp.kit.errors import Invalid, InvalidFormat, Required, require_at_most, written_as
from qgp.kit.stored_documents import StoredDocuments
from qgp.kit.work import Work
from qgp.webhooks.commands import secrets
from qgp.webhooks.facts import DISABLED, TEST, require_fields, require_states
from qgp.webhooks.model import (
    MOST_ITEMS,
    WebhookDisabledReason,
    WebhookEndpoint,
    WebhookEndpointStatus,
)

MOST_ENDPOINTS = 20  # of an organization


async def create(work: Work, **values: Any) -> WebhookEndpoint:
    """Register an endpoint; its secret is the answer `secret`.

    Raises:
        Invalid: see `_checked`; or the organization has 20 endpoints.
    """
    count = len(await work.rows(sa.select(WebhookEndpoint.id)))
    message = f"Your organization has {count} webhook endpoints. Delete one first."
    require_at_most(MOST_ENDPOINTS - 1, count, message)
    now = clock.now()
    endpoint = await work.add(
        WebhookEndpoint(
            **_checked(work, values),
            status=WebhookEndpointStatus.ACTIVE,
            acting_user_id=work.caller.user_id,
            enabled_at=now,
            secret_rotated_at=now,
        )
    )
    work.answers["secret"] = await secrets.renew(work, endpoint)
    return endpoint


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> WebhookEndpoint:
    """Change an endpoint; a document is executed under the rights of who wrote it last.

    Raises:
        Invalid: see `_checked`.
    """
    endpoint = await work.get(WebhookEndpoint, id, expected_version=expected_version)
    values = _checked(work, changes)
    if values.get("document", endpoint.document) != endpoint.document:
        values["acting_user_id"] = work.caller.user_id
    return await work.change(endpoint, values)


async def enable(work: Work, *, id: UUID, expected_version: int) -> WebhookEndpoint:
    """Send events again, from now on, under the rights of the caller.

    Raises:
        Invalid: it is ACTIVE.
    """
    endpoint = await work.get(WebhookEndpoint, id, expected_version=expected_version)
    if endpoint.status is WebhookEndpointStatus.ACTIVE:
        raise Invalid(f"The webhook endpoint {endpoint.name} is ACTIVE already.", "id")
    changes = {"status": WebhookEndpointStatus.ACTIVE, "disabled_reason": None}
    acting = {"enabled_at": clock.now(), "acting_user_id": work.caller.user_id}
    return await work.change(endpoint, changes | acting)


async def disable(work: Work, *, id: UUID, expected_version: int) -> WebhookEndpoint:
    """Send nothing more to an endpoint.

    Raises:
        Invalid: it is DISABLED.
    """
    endpoint = await work.get(WebhookEndpoint, id, expected_version=expected_version)
    require_active(endpoint)
    return await _set_disabled(work, endpoint, WebhookDisabledReason.USER)


async def disable_unreachable(work: Work, id: UUID, reason: WebhookDisabledReason) -> None:
    """Disable an endpoint that is still ACTIVE, with the event that its owners are notified of."""
    endpoint = await work.get(WebhookEndpoint, id)
    if endpoint.status is WebhookEndpointStatus.ACTIVE:
        await _set_disabled(work, endpoint, reason)
        work.emit(endpoint, DISABLED, reason=reason.value)


async def delete(work: Work, *, id: UUID, expected_version: int) -> WebhookEndpoint:
    """Delete an endpoint with its secrets; the log of its deliveries stays for its time."""
    endpoint = await work.get(WebhookEndpoint, id, expected_version=expected_version)
    await secrets.remove(work, endpoint)
    await work.remove(endpoint)
    return endpoint


async def rotate_secret(work: Work, *, id: UUID, expected_version: int) -> WebhookEndpoint:
    """Give an endpoint another secret, the answer `secret`."""
    endpoint = await work.get(WebhookEndpoint, id, expected_version=expected_version)
    await work.change(endpoint, {"secret_rotated_at": clock.now()})
    work.answers["secret"] = await secrets.renew(work, endpoint)
    return endpoint


async def test(work: Work, *, id: UUID, expected_version: int) -> WebhookEndpoint:
    """Send the test event to an endpoint.

    Raises:
        Invalid: it is DISABLED.
    """
    endpoint = await work.get(WebhookEndpoint, id, expected_version=expected_version)
    require_active(endpoint)
    work.emit(endpoint, TEST)
    return endpoint


def require_active(endpoint: WebhookEndpoint) -> None:
    """Raise Invalid if an endpoint is DISABLED."""
    if endpoint.status is WebhookEndpointStatus.DISABLED:
        message = (
            f"The webhook endpoint {endpoint.name} is DISABLED. Enable it first "
            "(webhookEndpointEnable)."
        )
        raise Invalid(message, "id")


async def _set_disabled(
    work: Work, endpoint: WebhookEndpoint, reason: WebhookDisabledReason
) -> WebhookEndpoint:
    changes = {"status": WebhookEndpointStatus.DISABLED, "disabled_reason": reason}
    return await work.change(endpoint, changes)


def _checked(work: Work, values: dict[str, Any]) -> dict[str, Any]:
    """Return the values of an input, lists without repetitions.

    Raises:
        InvalidFormat: the address is not allowed.
        Required: no events.
        TooLong: a list has more than 50 items.
        Invalid: an event, state or field is unknown; or the document is not valid.
    """
    if "url" in values:
        _require_destination(work, values["url"])
    lists = {name: value for name, value in values.items() if isinstance(value, list)}
    values |= {name: _distinct(name, texts) for name, texts in lists.items()}
    if values.get("events") == []:
        raise Required("`events` is empty. Name at least one, or * for all.", "events")
    require_patterns(values.get("events", ()), "events")
    require_states(values.get("states", ()))
    require_fields(values.get("changed_fields", ()))
    if values.get("document") is not None:
        _require_document(work, values["document"])
    return values


def _distinct(name: str, texts: Sequence[str]) -> list[str]:
    path = "changedFields" if name == "changed_fields" else name
    message = f"`{path}` has {len(texts)} items; at most {MOST_ITEMS} are allowed. Remove some."
    require_at_most(MOST_ITEMS, len(texts), message, path)
    return list(dict.fromkeys(texts))


def _require_destination(work: Work, url: str) -> None:
    try:
        work.services[EgressClient].check(url)
    except DestinationRefused as refusal:
        message = f"`url` cannot receive webhooks: {refusal} Send a public https address."
        raise InvalidFormat(message, "url", constraint=written_as("uri")) from None


def _require_document(work: Work, document: str) -> None:
    try:
        work.services[StoredDocuments].check(document)
    except Invalid as error:
        raise error.at("document") from None

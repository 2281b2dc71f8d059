"""Attempts to deliver: claimed, sent and recorded, in the order of the events of each record.

An attempt is claimed by a lease in a transaction of its own. If the process ends before the outcome
is recorded, the delivery is attempted again after the lease: at least once, with the same id.
"""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.egress.client import EgressClient, EgressError, Reply
from qgp.kit import clock
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.policy import Principal
from qgp.kit.secret_box import SecretBox, SecretUnreadable
from qgp.kit.session import Database, Scope
from qgp.kit.stored_documents import StoredDocuments
from qgp.kit.work import Work
from qgp.webhooks.commands import secrets
from qgp.webhooks.commands.dispatch import acting_principal
from qgp.webhooks.commands.endpoints import disable_unreachable
from qgp.webhooks.commands.payloads import headers_of, message_of
from qgp.webhooks.model import (
    OPEN,
    WebhookDelivery,
    WebhookDeliveryStatus,
    WebhookDisabledReason,
    WebhookEndpoint,
    WebhookEndpointStatus,
)

LEASE = timedelta(seconds=60)  # longer than a document and a request take
# Waiting time before each attempt after the first one.
DELAYS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
ATTEMPTS = len(DELAYS) + 1
JITTER = 0.2  # of a delay, added at random
LONGEST_RETRY_AFTER = timedelta(hours=24)
FAILING = timedelta(days=5)  # of failed attempts alone, after which an endpoint is disabled
AT_ONCE = 10  # requests to one endpoint, of all workers
_GONE = 410
_RIGHTS_ENDED = WebhookDisabledReason.RIGHTS_ENDED


@dataclass(frozen=True)
class Attempt:
    """Outcome of one attempt.

    Attributes:
        error: None if it was delivered.
        response_code, retry_after: of the response; None without one.
    """

    error: str | None
    latency_ms: int
    response_code: int | None = None
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class Sender:
    """Sends the due deliveries of an endpoint."""

    database: Database
    client: EgressClient
    box: SecretBox
    documents: StoredDocuments

    async def send_due(self, organization_id: UUID, endpoint_id: UUID) -> datetime | None:
        """Attempt the deliveries that are due, until none is.

        Returns:
            The instant at which the next one is due; None if none is open.
        """
        while True:
            batch = await self._claim(organization_id, endpoint_id)
            if batch is None:
                return await _next_due(self.database, organization_id, endpoint_id)
            attempts = await asyncio.gather(
                *(self._attempt(batch, delivery) for delivery in batch.deliveries)
            )
            await self._record(batch, attempts)

    async def _claim(self, organization_id: UUID, endpoint_id: UUID) -> "_Batch | None":
        """Lease due deliveries of an active endpoint; disable one without an acting user."""
        action = OperatorAction.WEBHOOKS_SEND
        async with operating(self.database, organization_id, action) as work:
            endpoint = await _active(work.session, endpoint_id)
            deliveries = endpoint and await _due(work.session, endpoint_id)
            if endpoint is None or not deliveries:
                return None
            principal = await acting_principal(work.session, endpoint)
            if principal is None:
                await disable_unreachable(work, endpoint_id, _RIGHTS_ENDED)
                return None
            now = clock.now()
            for delivery in deliveries:
                delivery.attempts += 1
                delivery.first_attempt_at = delivery.first_attempt_at or now
                delivery.last_attempt_at, delivery.leased_until = now, now + LEASE
            try:
                keys = await secrets.in_force(work.session, self.box, endpoint)
            except SecretUnreadable:
                keys = ()
        return _Batch(endpoint, deliveries, principal, keys)

    async def _attempt(self, batch: "_Batch", delivery: WebhookDelivery) -> Attempt:
        """Send one message."""
        if not batch.secrets:
            message = (
                "The secret cannot be decrypted: SECRET_KEY has changed. Rotate it "
                "(webhookEndpointSecretRotate)."
            )
            return Attempt(message, 0)
        endpoint = batch.endpoint
        body = await message_of(delivery, endpoint, self.documents, batch.principal)
        headers = headers_of(delivery, body, batch.secrets, clock.now())
        begun = monotonic()
        try:
            reply = await self.client.post(endpoint.url, content=body, headers=headers)
        except EgressError as failure:
            return Attempt(str(failure), _milliseconds_since(begun))
        return _judged(reply, _milliseconds_since(begun))

    async def _record(self, batch: "_Batch", attempts: Sequence[Attempt]) -> None:
        """Write the outcomes, and disable the endpoint where they say so."""
        outcomes = dict(zip((row.id for row in batch.deliveries), attempts, strict=True))
        claimed = {row.id: row.attempts for row in batch.deliveries}
        organization_id, id = batch.endpoint.organization_id, batch.endpoint.id
        async with operating(self.database, organization_id, OperatorAction.WEBHOOKS_SEND) as work:
            endpoint = await _active(work.session, id)
            for delivery in await _locked(work.session, [*outcomes]):
                if delivery.status in OPEN and delivery.attempts == claimed[delivery.id]:
                    _settle(delivery, outcomes[delivery.id])
            await work.flush()
            if endpoint is not None:
                await _judge(work, endpoint, attempts)


@dataclass(frozen=True)
class _Batch:
    """Claimed deliveries of an endpoint, which different records wait for."""

    endpoint: WebhookEndpoint
    deliveries: Sequence[WebhookDelivery]
    principal: Principal
    secrets: Sequence[str]


def _judged(reply: Reply, latency_ms: int) -> Attempt:
    """Return the outcome of an attempt that got a reply."""
    code = reply.status
    if 200 <= code < 300:
        return Attempt(None, latency_ms, code)
    redirect = " Redirects are not followed; change the address." if 300 <= code < 400 else ""
    error = f"The receiver answered {code}; only 200 to 299 count as received.{redirect}"
    return Attempt(error, latency_ms, code, _seconds_of(reply.retry_after))


def _seconds_of(retry_after: str | None) -> timedelta | None:
    """Return the time of a `Retry-After` (RFC 9110, 10.2.3), at most 24 hours."""
    if retry_after is None:
        return None
    if retry_after.isascii() and retry_after.isdigit():
        return min(timedelta(seconds=int(retry_after[:9])), LONGEST_RETRY_AFTER)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    return min(max(at.replace(tzinfo=UTC) - clock.now(), timedelta()), LONGEST_RETRY_AFTER)


def _settle(delivery: WebhookDelivery, attempt: Attempt) -> None:
    """Write the outcome of an attempt into its delivery."""
    delivery.error, delivery.latency_ms = attempt.error, attempt.latency_ms
    delivery.response_code, delivery.next_attempt_at = attempt.response_code, None
    delivery.leased_until = None
    if attempt.error is None:
        delivery.status, delivery.delivered_at = WebhookDeliveryStatus.DELIVERED, clock.now()
    elif attempt.response_code == _GONE or delivery.attempts >= ATTEMPTS:
        delivery.status = WebhookDeliveryStatus.DEAD
    else:
        delay = DELAYS[delivery.attempts - 1] * (1 + random.uniform(0, JITTER))  # noqa: S311
        delay = max(delay, attempt.retry_after or timedelta())
        delivery.status = WebhookDeliveryStatus.RETRYING
        delivery.next_attempt_at = clock.now() + delay


async def _judge(work: Work, endpoint: WebhookEndpoint, attempts: Sequence[Attempt]) -> None:
    """Disable an endpoint that is gone, or that only failed for 5 days."""
    if any(attempt.response_code == _GONE for attempt in attempts):
        await disable_unreachable(work, endpoint.id, WebhookDisabledReason.GONE)
    elif all(attempt.error is not None for attempt in attempts):
        since = await _failing_since(work.session, endpoint)
        if since is not None and since <= clock.now() - FAILING:
            await disable_unreachable(work, endpoint.id, WebhookDisabledReason.FAILING)


async def _failing_since(session: AsyncSession, endpoint: WebhookEndpoint) -> datetime | None:
    """Return the first failed attempt since the latest success, or since the endpoint is ACTIVE."""
    row = WebhookDelivery
    is_own = row.endpoint_id == endpoint.id
    success = await session.scalar(sa.select(sa.func.max(row.delivered_at)).where(is_own))
    begin = max(success or endpoint.enabled_at, endpoint.enabled_at)
    first = sa.func.min(sa.func.greatest(row.first_attempt_at, endpoint.enabled_at))
    failed = row.last_attempt_at >= begin, row.delivered_at.is_(None)
    since: datetime | None = await session.scalar(sa.select(first).where(is_own, *failed))
    return since if since is None else max(since, begin)


async def _active(session: AsyncSession, id: UUID) -> WebhookEndpoint | None:
    """Return an endpoint if it is ACTIVE."""
    is_active = WebhookEndpoint.status == WebhookEndpointStatus.ACTIVE
    return await session.scalar(
        sa.select(WebhookEndpoint).where(WebhookEndpoint.id == id, is_active)
    )


def _first_open(endpoint_id: UUID) -> Sequence[sa.ColumnElement[bool]]:
    """Return the conditions on the earliest open delivery of each record."""
    row, earlier = WebhookDelivery, orm.aliased(WebhookDelivery)
    is_later = sa.exists().where(
        earlier.organization_id == row.organization_id,
        earlier.endpoint_id == row.endpoint_id,
        earlier.entity_id == row.entity_id,
        earlier.event_position < row.event_position,
        earlier.status.in_(OPEN),
    )
    return row.endpoint_id == endpoint_id, row.status.in_(OPEN), ~is_later


def _is_leased() -> sa.ColumnElement[bool]:
    return sa.func.coalesce(WebhookDelivery.leased_until > clock.now(), sa.false())


async def _due(session: AsyncSession, endpoint_id: UUID) -> Sequence[WebhookDelivery]:
    """Return due deliveries, locked: of one record a single one, at most ten with those leased."""
    row = WebhookDelivery
    leased = sa.select(sa.func.count()).where(
        row.endpoint_id == endpoint_id, row.status.in_(OPEN), _is_leased()
    )
    free = AT_ONCE - (await session.scalar(leased) or 0)
    is_due = row.next_attempt_at <= clock.now(), ~_is_leased()
    statement = sa.select(row).where(*_first_open(endpoint_id), *is_due)
    ordered = statement.order_by(row.next_attempt_at, row.event_position, row.id)
    locked = ordered.limit(max(free, 0)).with_for_update(skip_locked=True)
    return (await session.scalars(locked)).all()


async def _locked(session: AsyncSession, ids: Sequence[UUID]) -> Sequence[WebhookDelivery]:
    statement = sa.select(WebhookDelivery).where(WebhookDelivery.id.in_(ids))
    return (await session.scalars(statement.order_by(WebhookDelivery.id).with_for_update())).all()


async def _next_due(
    database: Database, organization_id: UUID, endpoint_id: UUID
) -> datetime | None:
    """Return the instant at which the next attempt is due."""
    row = WebhookDelivery
    first = sa.func.min(sa.func.greatest(row.next_attempt_at, row.leased_until))
    async with database.read(Scope(organization_id)) as session:
        if await _active(session, endpoint_id) is None:
            return None
        due: datetime | None = await session.scalar(
            sa.select(first).where(*_first_open(endpoint_id))
        )
        return due


def _milliseconds_since(begun: float) -> int:
    return round((monotonic() - begun) * 1000)

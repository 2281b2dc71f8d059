"""Dispatch: the events of the outbox, in order, become deliveries to the endpoints that want them.

Deliveries and the position of the last dispatched event are committed together, so that each event
becomes one delivery to an endpoint, also where a process ends in between.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence, Set
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import clock
from qgp.kit.model import records
from qgp.kit.outbox import OutboxEvent, related_record
from qgp.kit.policy import Principal
from qgp.kit.visibility import NODES, Named, limits_of
from qgp.kit.work import NOBODY, Work
from qgp.users.facts import member_unfiltered
from qgp.webhooks.commands.endpoints import disable_unreachable
from qgp.webhooks.commands.payloads import content_of
from qgp.webhooks.facts import is_subscribed
from qgp.webhooks.model import (
    WebhookDelivery,
    WebhookDisabledReason,
    WebhookEndpoint,
    WebhookEndpointStatus,
)
from qgp.webhooks.policy import MANAGE


async def dispatch(work: Work, events: Sequence[OutboxEvent]) -> Collection[UUID]:
    """Write the deliveries of the next events of the outbox.

    Returns:
        The endpoints that may have something to send: also those that were changed, since open
        deliveries of an enabled one continue, or that a delivery is replayed to.
    """
    deliveries = await _deliveries(work, events)
    work.session.add_all(deliveries)
    changed = {row.entity_id for row in events if row.entity == WebhookEndpoint.__tablename__}
    return changed | {delivery.endpoint_id for delivery in deliveries}


async def acting_principal(session: AsyncSession, endpoint: WebhookEndpoint) -> Principal | None:
    """Return the user on whose behalf an endpoint sends; None if they may not manage webhooks."""
    member = await member_unfiltered(session, id=endpoint.acting_user_id)
    principal = None if member is None else member.signed_in(NOBODY)
    return principal if principal is not None and principal.may(MANAGE) else None


async def _deliveries(work: Work, events: Sequence[OutboxEvent]) -> Sequence[WebhookDelivery]:
    """Return the deliveries of events to active endpoints, in the order of the events."""
    is_active = WebhookEndpoint.status == WebhookEndpointStatus.ACTIVE
    deliveries: list[WebhookDelivery] = []
    for endpoint in await work.rows(sa.select(WebhookEndpoint).where(is_active)):
        selected = [event for event in events if is_subscribed(endpoint, event)]
        if not selected:
            continue
        principal = await acting_principal(work.session, endpoint)
        if principal is None:
            await disable_unreachable(work, endpoint.id, WebhookDisabledReason.RIGHTS_ENDED)
            continue
        hidden = await _hidden(work, principal, selected)
        deliveries += [
            _delivery(endpoint, event)
            for event in selected
            if hidden.isdisjoint(_records_of(event))
        ]
    return deliveries


async def _hidden(work: Work, principal: Principal, events: Iterable[OutboxEvent]) -> Set[Named]:
    """Return prefix and id of those of the events' records that a user may not read.

    A record that exists no more is not hidden: its events name ids alone.
    """
    ids: dict[str, set[UUID]] = defaultdict(set)
    for prefix, id in (named for event in events for named in _records_of(event)):
        ids[prefix].add(id)
    hidden: set[Named] = set()
    for prefix, ids_of_kind in ids.items():
        model = NODES[prefix].model
        if limits := limits_of(model, principal):
            visible = sa.func.coalesce(sa.and_(*limits), sa.false())
            statement = sa.select(model.id).where(model.id.in_(ids_of_kind), sa.not_(visible))
            hidden |= {(prefix, id) for id in await work.rows(statement)}
    return hidden


def _records_of(event: OutboxEvent) -> Collection[Named]:
    """Return prefix and id of an event's record, and of the related one."""
    named = records()[event.entity].prefix, event.entity_id
    related = related_record(event)
    return {named} if related is None else {named, related}


def _delivery(endpoint: WebhookEndpoint, event: OutboxEvent) -> WebhookDelivery:
    now = clock.now()
    return WebhookDelivery(
        organization_id=endpoint.organization_id,
        endpoint_id=endpoint.id,
        event_id=event.id,
        event_position=event.position,
        event_name=event.name,
        event_at=event.at,
        entity=event.entity,
        entity_id=event.entity_id,
        event=content_of(event),
        created_at=now,
        next_attempt_at=now,
    )

"""Tables of webhooks: endpoints, their secrets and deliveries."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import ids
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.indexes import Serves, index
from qgp.kit.model import ANY_RECORD, Owned, Record, check, ref, unique
from qgp.kit.text_keys import sortable


class WebhookEndpointStatus(DescribedEnum):
    """Status of a webhook endpoint."""

    ACTIVE = "ACTIVE", "Events are sent."
    DISABLED = "DISABLED", "Nothing is sent, and events of this time are never sent."


class WebhookDisabledReason(DescribedEnum):
    """Reason for which a webhook endpoint is disabled."""

    USER = "USER", "A user disabled it (`webhookEndpointDisable`)."
    GONE = "GONE", "The receiver answered 410 Gone."
    FAILING = "FAILING", "Every attempt of at least 5 days failed."
    RIGHTS_ENDED = (
        "RIGHTS_ENDED",
        "The user on whose behalf it sends may not manage webhooks any more.",
    )


class WebhookDeliveryStatus(DescribedEnum):
    """Status of the delivery of one event to one endpoint."""

    PENDING = "PENDING", "Waits for the first attempt."
    RETRYING = "RETRYING", "An attempt failed; another one follows."
    DELIVERED = "DELIVERED", "The receiver answered with a status from 200 to 299."
    DEAD = "DEAD", "All attempts failed; `webhookDeliveryReplay` sends it again."


MOST_ITEMS = 50  # of each list of an endpoint
OPEN = frozenset({WebhookDeliveryStatus.PENDING, WebhookDeliveryStatus.RETRYING})
_IS_OPEN = sa.text("status IN ('PENDING', 'RETRYING')")


class WebhookEndpoint(Record):
    """Address of an integration, and the events that are sent to it.

    Attributes:
        acting_user_id: the user under whose rights events are sent.
        enabled_at: instant since which it is ACTIVE, or was last.
        secret_rotated_at: instant at which the present secret was made.
    """

    __tablename__ = "webhook_endpoints"
    prefix = "whe"
    removable = True

    name: Mapped[str] = sortable()
    url: Mapped[str]
    events: Mapped[list[str]]
    states: Mapped[list[str]] = mapped_column(default=list)
    changed_fields: Mapped[list[str]] = mapped_column(default=list)
    requires_other_actor: Mapped[bool] = mapped_column(default=False)
    document: Mapped[str | None]
    status: Mapped[WebhookEndpointStatus] = mapped_column(default=WebhookEndpointStatus.ACTIVE)
    disabled_reason: Mapped[WebhookDisabledReason | None]
    acting_user_id: Mapped[UUID] = ref("users")
    enabled_at: Mapped[datetime]
    secret_rotated_at: Mapped[datetime]

    __table_args__: Any = (
        unique("name", kind="webhook endpoint"),
        check("disabled", "(status = 'DISABLED') = (disabled_reason IS NOT NULL)"),
    )


class WebhookSecret(Owned):
    """Secret that signs the deliveries of an endpoint, encrypted (`kit.secret_box`).

    It is no part of the audit trail, which would keep it for good.

    Attributes:
        expires_at: end of the overlap after a rotation; None for the present secret.
    """

    __tablename__ = "webhook_secrets"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    endpoint_id: Mapped[UUID]
    sealed: Mapped[bytes]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["organization_id", "endpoint_id"],
            ["webhook_endpoints.organization_id", "webhook_endpoints.id"],
        ),
        index(None, "endpoint_id", serves="secrets of an endpoint, also at its deletion"),
    )


class WebhookDelivery(Owned):
    """Delivery of one event to one endpoint, which may take several attempts.

    It outlasts its endpoint, as a log, and is no part of the audit trail: to send changes nothing.

    Attributes:
        event_position: of the event in the outbox.
        event: content of the message, but for what the endpoint's document adds.
        entity_id: the record, whose events are sent in their order.
        attempts: since creation or replay.
        next_attempt_at: earliest instant of the next attempt.
        leased_until: end of the lease of an attempt that runs; None if none does.
    """

    __tablename__ = "webhook_deliveries"
    prefix: ClassVar[str] = "whd"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    endpoint_id: Mapped[UUID] = mapped_column(info={"ref": "webhook_endpoints"})
    event_id: Mapped[UUID]
    event_position: Mapped[int] = mapped_column(sa.BigInteger)
    event_name: Mapped[str]
    event_at: Mapped[datetime]
    entity: Mapped[str]
    entity_id: Mapped[UUID] = mapped_column(info={ANY_RECORD: True})
    event: Mapped[dict[str, Any]]
    status: Mapped[WebhookDeliveryStatus] = mapped_column(default=WebhookDeliveryStatus.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    response_code: Mapped[int | None]
    latency_ms: Mapped[int | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    first_attempt_at: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    next_attempt_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    __table_args__ = (
        sa.UniqueConstraint(
            "organization_id", "endpoint_id", "event_id", name="uq_webhook_deliveries_event"
        ),
        index("ix_webhook_deliveries_created_at", "created_at", "id", serves=Serves.ORDER),
        index(
            "ix_webhook_deliveries_endpoint",
            *("endpoint_id", "created_at", "id"),
            serves=(Serves.LIST, "latest success of an endpoint"),
        ),
        index(
            "ix_webhook_deliveries_due",
            *("endpoint_id", "next_attempt_at"),
            serves="deliveries of an endpoint that are due",
            postgresql_where=_IS_OPEN,
        ),
        index(
            "ix_webhook_deliveries_of_record",
            *("endpoint_id", "entity_id", "event_position"),
            serves="earlier open deliveries of a record",
            postgresql_where=_IS_OPEN,
        ),
    )

    @property
    def public_id(self) -> str:
        """The id as clients see it."""
        return ids.encode(self.prefix, self.id)


ids.register(WebhookDelivery.prefix, WebhookDelivery.__name__)

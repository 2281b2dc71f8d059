"""Notifications."""

from typing import Any
from uuid import UUID

from qgp.kit import clock, ids
from qgp.kit.model import Record
from qgp.notifications.model import Notification, NotificationKind


def notification(recipient_id: UUID, about: Record, **facts: Any) -> Notification:
    """Make an unread notification of the assignment of a written record."""
    defaults = {
        "id": ids.uuid7(),
        "kind": NotificationKind.ASSIGNED,
        "subject_type": about.prefix,
        "subject_id": about.id,
        "entity": about.__tablename__,
        "entity_id": about.id,
        "event_id": ids.uuid7(),
        "event_name": f"{about.__class__.__name__.lower()}.assigned",
        "field": "owner",
        "created_at": clock.now(),
    }
    scope = {"organization_id": about.organization_id, "recipient_id": recipient_id}
    return Notification(**scope, **defaults | facts)

"""Watches."""

from uuid import UUID

from qgp.kit import clock
from qgp.kit.model import Record
from qgp.watches.model import Watch


def watch(user_id: UUID, record: Record) -> Watch:
    """Make a watch of a written record."""
    return Watch(
        organization_id=record.organization_id,
        user_id=user_id,
        subject_type=record.prefix,
        subject_id=record.id,
        created_at=clock.now(),
    )

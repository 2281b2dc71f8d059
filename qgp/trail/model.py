"""Audit trail entries, for reading; only `kit.audit` writes them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, column_property

from qgp.kit.audit import AuditEntry
from qgp.kit.model import Owned

_ENTRIES: Any = AuditEntry.__table__


class TrailEntry(Owned):
    """Audit trail entry: the change of one record to one version.

    Attributes:
        kind: table of the record.
        changes: values before and after by column, in the form that the hash seals.
        history_of_id: the record whose history contains the entry: the changed record, or the one
            that it is a part of.
    """

    __table__ = _ENTRIES
    __mapper_args__: Any = {  # noqa: RUF012 - read by SQLAlchemy
        "exclude_properties": {"payload", "previous_hash", "hash"}
    }

    sequence: Mapped[int] = _ENTRIES.c.seq
    changed_at: Mapped[datetime] = _ENTRIES.c.at
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    kind: Mapped[str] = _ENTRIES.c.entity
    record_id: Mapped[UUID] = _ENTRIES.c.entity_id
    record_version: Mapped[int] = _ENTRIES.c.entity_version
    changes: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    request_id: Mapped[str | None]
    part_of_id: Mapped[UUID | None]
    history_of_id: Mapped[UUID] = column_property(
        sa.case(
            (_ENTRIES.c.part_of_id.is_(None), _ENTRIES.c.entity_id), else_=_ENTRIES.c.part_of_id
        )
    )

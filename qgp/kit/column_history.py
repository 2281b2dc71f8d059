"""Column history: the values that a column of a record has had, from the audit trail."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.audit import AuditEntry


def changed_by(action: str, column: Any) -> Any:
    """Return a table `id` of the records whose column a mutation has changed.

    Args:
        action: the mutation's field name.
        column: of a record, such as `Finding.grade`.
    """
    rows = sa.select(AuditEntry.entity_id.label("id")).where(
        AuditEntry.entity == column.class_.__tablename__,
        AuditEntry.action == action,
        AuditEntry.changes.has_key(column.key),
    )
    return rows.subquery()


def values_of_column(column: Any) -> Any:
    """Return a table `id`, `value` of all values that a column with ids ever had, by change.

    Changes of the present transaction are not among them: their entries follow with its commit.

    Args:
        column: of a record, such as `Finding.owner_id`.
    """
    value = sa.cast(AuditEntry.changes[column.key][1].astext, sa.Uuid)
    rows = sa.select(AuditEntry.entity_id.label("id"), value.label("value"))
    return rows.where(
        AuditEntry.entity == column.class_.__tablename__,
        AuditEntry.changes.has_key(column.key),
        value.is_not(None),
    ).subquery()

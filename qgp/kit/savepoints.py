"""Savepoints of a session: its notes of the transaction are rolled back with its rows.

The notes stand in the `info` of the session: audit notes and texts, users that are locked, numbers.
"""

from copy import copy
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import event, orm

_AT_BEGIN = WeakKeyDictionary[orm.SessionTransaction, dict[str, Any]]()


def restore_notes(kind: type[orm.Session]) -> None:
    """Let each rollback to a savepoint restore the `info` of sessions of a kind."""
    event.listen(kind, "after_transaction_create", _keep)
    event.listen(kind, "after_soft_rollback", _restore)


def _keep(session: orm.Session, transaction: orm.SessionTransaction) -> None:
    if transaction.nested:
        _AT_BEGIN[transaction] = {name: _snapshot(value) for name, value in session.info.items()}


def _restore(session: orm.Session, transaction: orm.SessionTransaction) -> None:
    if (info := _AT_BEGIN.pop(transaction, None)) is not None:
        session.info.clear()
        session.info.update(info)


def _snapshot(value: Any) -> Any:
    return copy(value) if isinstance(value, list | dict | set) else value

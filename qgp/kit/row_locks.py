"""Locks of rows that a transaction is about to change."""

from typing import TypeVar

import sqlalchemy as sa

S = TypeVar("S", bound=sa.Select)  # type: ignore[type-arg]


def locked(rows: S) -> S:
    """Return a statement that locks its rows until the end of the transaction.

    Other transactions that lock or change one of them wait; those that only refer to it by a
    foreign key do not (`FOR NO KEY UPDATE`). These check the key as they append to the audit
    trail, whose head they hold: a transaction that waits for the head must not keep them waiting.
    So who adds a part of a record that a guard counts locks the record, too.
    """
    return rows.with_for_update(key_share=True)

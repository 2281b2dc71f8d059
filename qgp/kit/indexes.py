"""Indexes, each declared with the reason that it exists for.

An index costs every write, so it has a reason: a rule, a list, an order, a filter that selects few
rows, or a row that is deleted. A test compares the reasons with the uses that the schema declares,
and docs/indexes.md lists them.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

REASONS = "reasons"  # in the info of an index


class Serves(StrEnum):
    """Reason of an index, which its first column after the organization decides."""

    LIST = "list of the rows that point at a record"
    ORDER = "order of lists"
    FILTER = "filter of lists"
    OPEN_WORK = "open work of a user"
    PENDING_WORK = "pending work of users"
    SCOPE = "rows that a role is limited to"
    DELETION = "deletion of the row that it points at"
    RULE = "rule: unique among some rows"


Reasons = str | Sequence[str]


def reasons(serves: Reasons) -> dict[str, Sequence[str]]:
    """Return the info of an index with its reasons."""
    return {REASONS: [serves] if isinstance(serves, str) else [*serves]}


def index(
    name: str | None,
    *columns: str | sa.ColumnElement[Any] | sa.TextClause,
    serves: Reasons,
    table: sa.Table | None = None,
    **options: Any,
) -> sa.Index:
    """Declare an index within an organization.

    Args:
        name: None for the naming convention.
        columns: names or expressions, after the organization.
        serves: members of `Serves`, or another reason in words.
        table: where it is not declared in `__table_args__`.
        options: further options of `sa.Index`.
    """
    named: Sequence[Any] = ("organization_id", *columns)
    if table is not None:
        named = [table.c[column] for column in named]
    return sa.Index(name, *named, info=reasons(serves), **options)


def is_set(column: str) -> sa.ColumnElement[bool]:
    """Return the condition of an index without the rows whose column is null.

    Such rows cost nothing; PostgreSQL uses the index wherever the column is compared.
    """
    named: sa.ColumnElement[Any] = sa.column(column)
    return named.is_not(None)

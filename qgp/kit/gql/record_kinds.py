"""Enum of the types of record, from the types that the modules declare."""

from functools import cache
from typing import Any

from qgp.kit.described_enum import described_enum
from qgp.kit.gql.fields import TYPES
from qgp.kit.names import snake


@cache
def record_kind() -> Any:
    """Return the enum; modules that come last call it, once every type is declared.

    A value is the table's name, which audit trail entries and events hold.
    """
    named = sorted((kind.__name__, model.__tablename__) for model, kind in TYPES.items())
    values = {snake(name).upper(): (table, f"The type `{name}`.") for name, table in named}
    return described_enum("RecordKind", values, "Type of a record.")

"""The kinds of record that the trail tells of, under the names of their types."""

from typing import Any

from qgp.kit.gql.fields import TYPES
from qgp.kit.names import snake
from qgp.kit.terms import term


def _kinds() -> dict[str, tuple[str, str]]:
    named = ((kind.__name__, model.__tablename__) for model, kind in TYPES.items())
    return {snake(name).upper(): (table, f"The type {name}.") for name, table in sorted(named)}


# A value is the table's name: what entries hold.
RecordKind: Any = term("RecordKind", _kinds(), "A type of record.")

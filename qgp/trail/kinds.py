"""The kinds of record that the trail tells of, under the names of their types."""

from typing import Any

from qgp.kit.gql import described
from qgp.kit.gql.fields import TYPES
from qgp.kit.names import snake
from qgp.kit.terms import Term


def _kinds() -> dict[str, tuple[str, str]]:
    named = ((kind.__name__, model.__tablename__) for model, kind in TYPES.items())
    return {snake(name).upper(): (table, f"The type {name}.") for name, table in sorted(named)}


# A value is the table's name: what entries hold.
RecordKind: Any = Term("RecordKind", _kinds())  # type: ignore[arg-type]  # made from data
described(RecordKind, "A type of record.")

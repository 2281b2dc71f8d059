"""Uses of a field beside reading: create, update, filter and sort, declared on its type.

Filter, order, inputs and import columns of a record, and the checks of values, are derived from
these declarations.
"""

from dataclasses import dataclass
from enum import Flag, auto
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute
from strawberry import UNSET
from strawberry.types.field import StrawberryField

from qgp.kit.policy import Permission
from qgp.kit.text_normalization import LINE

USES = "uses"
CODE = (r"[A-Za-z0-9][A-Za-z0-9._-]*", "letters, digits, dots, dashes, no spaces")


class Use(Flag):
    """Use of a field."""

    CREATE = auto()
    UPDATE = auto()
    FILTER = auto()
    SORT = auto()


NOTHING = Use(0)
CREATE, UPDATE, FILTER, SORT = Use.CREATE, Use.UPDATE, Use.FILTER, Use.SORT
EDITABLE = CREATE | UPDATE
LISTED = FILTER | SORT


@dataclass(frozen=True)
class Uses:
    """Uses of a field and their bounds.

    Attributes:
        use: the uses.
        max_length: the most characters of a written text.
        pattern: regular expression that a written text must match, with its description.
        default: the value of a new record where the client sends none; UNSET where the column's
            nullability decides whether the field is optional.
        note: further sentence of the input's description, about when and how to write it.
        filter_by: the attribute that the filter compares and whose name its field takes, where it
            is not the field's own.
        through: for a list of linked records, permission and key of the link rows, which the
            filter has conditions on in place of the records.
        sort_by: the attribute that orders the rows, where it is not the field's own.
    """

    use: Use = NOTHING
    max_length: int = LINE
    pattern: tuple[str, str] | None = None
    default: Any = UNSET
    note: str = ""
    filter_by: str | None = None
    through: tuple[Permission, InstrumentedAttribute[Any]] | None = None
    sort_by: str | None = None


_NONE = Uses()


def uses_of(field: StrawberryField) -> Uses:
    """Return the uses of a field of a type."""
    uses: Uses = field.metadata.get(USES, _NONE)
    return uses

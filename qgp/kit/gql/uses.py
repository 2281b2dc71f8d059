"""What clients may do with a field beside reading it: one declaration, on the type that shows it.

The filter, the order and the inputs of a record are made from these declarations; so are the
columns of an import and the checks of the values.
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
    """One use of a field."""

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
    """What clients may do with a field, within which bounds.

    Attributes:
        use: the uses.
        max_length: characters of a text that is written, at most.
        pattern: what such a text must match, with the words that describe it.
        default: the value of a new record where the client gives none; UNSET where the column's
            nullability decides whether it may be left out.
        note: what inputs say of it beside the description: when it may be written, and how.
        filter_by: the attribute that the filter compares and its field is named after, where it is
            not the field's own.
        operators: the conditions of the filter, where they do not follow from the field's type.
        through: for a list of other records, the permission and the key of the rows between, which
            the filter looks at in place of the records.
        sort_by: the attribute that orders the rows, where it is not the field's own.
    """

    use: Use = NOTHING
    max_length: int = LINE
    pattern: tuple[str, str] | None = None
    default: Any = UNSET
    note: str = ""
    filter_by: str | None = None
    operators: Any = None
    through: tuple[Permission, InstrumentedAttribute[Any]] | None = None
    sort_by: str | None = None


_NONE = Uses()


def uses_of(field: StrawberryField) -> Uses:
    """Return what clients may do with a field of a type."""
    uses: Uses = field.metadata.get(USES, _NONE)
    return uses

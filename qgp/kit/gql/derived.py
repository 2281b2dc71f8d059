"""Filter and order types of all records, derived from the types that show them.

`derive` fills this module before the schema is built. Until then fields name the classes by
`lazy_filter` and `lazy_order`, so that filters of related records may refer to each other.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.types.field import StrawberryField

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.gql.connection_fields import Listing
from qgp.kit.gql.declarations import DECLARED, Expression, Number, PublicId, Relation
from qgp.kit.gql.fields import ROW_TYPES
from qgp.kit.gql.filters import (
    BooleanFilter,
    DateFilter,
    DateTimeFilter,
    DecimalFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    Related,
    StringFilter,
    computed_filter_field,
    filter_field,
    filters,
    lazy_filter,
    lazy_list_filter,
    list_filter,
    related,
)
from qgp.kit.gql.ordering import ordering
from qgp.kit.gql.uses import FILTER, SORT, Uses, uses_of
from qgp.kit.loader import Linked, Many, One
from qgp.kit.text_keys import TEXT_KEY

_OPERATORS: dict[Any, Any] = {
    bool: BooleanFilter,
    date: DateFilter,
    datetime: DateTimeFilter,
    Decimal: DecimalFilter,
    int: IntFilter,
}
Declared = tuple[str, Any, Any]  # name, annotation and field of an input


def derive() -> None:
    """Make the filter and order types that do not exist yet."""
    for model, kind in ROW_TYPES.items():
        name = kind.__name__
        if f"{name}Filter" in globals():
            continue
        globals()[f"{name}Filter"] = _filter(model, kind)
        globals()[f"{name}ListFilter"] = list_filter(name)
        globals()[f"{name}Order"] = _order(kind)


def value_type(field: StrawberryField) -> Any:
    """Return the Python type of a column's values, without None."""
    assert field.type_annotation is not None
    annotation = field.type_annotation.annotation
    options = [kind for kind in get_args(annotation) if kind is not NoneType]
    return options[0] if len(options) == 1 and NoneType in get_args(annotation) else annotation


def _filter(model: type[Any], kind: type) -> Any:
    body: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for field in _fields(kind):
        for name, annotation, condition in _conditions(model, field):
            body["__annotations__"][name] = annotation | None
            body[name] = condition
    return filters(model)(type(f"{kind.__name__}Filter", (), body))


def _conditions(model: Any, field: StrawberryField) -> Iterator[Declared]:
    """Yield the filter fields derived from a field of a type."""
    declared, text = field.metadata.get(DECLARED), field.description or ""
    if isinstance(declared, PublicId):
        yield field.python_name, IDFilter, filter_field("Public id of the record.")
    uses = uses_of(field)
    name = uses.filter_by or field.python_name
    if not isinstance(declared, Relation | Listing | Expression | Number):
        if FILTER in uses.use:
            is_id = isinstance(sa.inspect(model).columns[name].type, sa.Uuid)
            operators = IDFilter if is_id else _operators(value_type(field))
            yield name, operators, filter_field(text)
        return
    match declared:
        case Expression() | Number():
            yield name, _operators(value_type(field)), computed_filter_field(declared, text)
        case Relation(loader=One() as loader, key=key):
            if key != "id":
                yield key, IDFilter, filter_field(text)
            relation = Related(key, loader.read, loader.by.key, loader.where)
            yield name, _filter_of(loader.model), related(relation, text)
        case _ if (rows := _rows_of(declared, uses)) is not None:
            yield name, _list_filter_of(rows[0]), related(rows[1], text)


def _rows_of(declared: Any, uses: Uses) -> tuple[Any, Related] | None:
    """Return model and relation of a list field; None where it is not filterable."""
    if isinstance(declared, Relation) and uses.through is not None:
        read, through = uses.through
        return through.class_, Related("id", read, through.key)
    match declared:
        case Relation(loader=Many(model=rows, read=read, by=through)):
            return rows, Related("id", read, through.key)
        case Listing(model=rows, read=read, parent=InstrumentedAttribute() as through, only=()):
            return rows, Related("id", read, through.key)
        case Relation(loader=Linked(model=rows, read=read, links=links)) if FILTER in uses.use:
            return rows, Related("id", read, links=links)
    return None


def _filter_of(model: Any) -> Any:
    return lazy_filter(ROW_TYPES[model].__name__)


def _list_filter_of(model: Any) -> Any:
    return lazy_list_filter(ROW_TYPES[model].__name__)


def _operators(kind: Any) -> Any:
    """Return the filter type for values of a Python type; `StringFilter` by default."""
    if isinstance(kind, type) and issubclass(kind, DescribedEnum):
        return EnumFilter[kind]
    return _OPERATORS.get(kind, StringFilter)


def _order(kind: Any) -> Any:
    """Make the order type of a type: its own keys first, then those of its interfaces."""
    bases = kind.__strawberry_definition__.interfaces
    shared = {field.python_name for base in bases for field in base.fields}
    keys: dict[str, str] = {}
    for field in sorted(_fields(kind), key=lambda field: field.python_name in shared):
        uses, declared = uses_of(field), field.metadata.get(DECLARED)
        if SORT in uses.use:
            attribute = declared.key if isinstance(declared, Relation) else field.python_name
            keys[field.graphql_name or field.python_name] = uses.sort_by or attribute
        if isinstance(declared, Relation) and (shown := _name_of_related(declared)) is not None:
            keys[f"{field.python_name}_{shown}"] = f"{declared.key}.{shown}"
    return ordering(kind.__name__, keys)


def _name_of_related(relation: Relation) -> str | None:
    """Return the sortable name of the related record that rows are ordered by, or None."""
    if not isinstance(relation.loader, One) or relation.key == "id":
        return None
    columns = relation.loader.model.__table__.columns
    names = (name for name in ("name", "title") if name in columns)
    return next((name for name in names if columns[name].info.get(TEXT_KEY)), None)


def _fields(kind: Any) -> list[StrawberryField]:
    fields: list[StrawberryField] = kind.__strawberry_definition__.fields
    return fields

"""Uses of columns that the schema, the loaders and the permissions declare: reasons for indexes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors

from qgp.kit import ids
from qgp.kit.assignment import assignments
from qgp.kit.counts import Counted
from qgp.kit.gql import derived
from qgp.kit.gql.connection_fields import REGISTERS, Listing
from qgp.kit.gql.declarations import DECLARED, Lookup, Number, Relation
from qgp.kit.indexes import Serves
from qgp.kit.loader import Linked, Many, One
from qgp.kit.model import Base, records
from qgp.kit.pending_work import WORK_KINDS
from qgp.kit.policy import PERMISSIONS, Principal, Role
from qgp.kit.text_keys import TEXT_KEY
from tests.kit.built import fields

Use = tuple[str, str, Serves]  # table, column, reason


@cache
def column_uses() -> Mapping[tuple[str, str], AbstractSet[str]]:
    """Return the reasons for an index that begins with a column, by table and column."""
    uses = defaultdict(set)
    for declared in (_lists, _orders, _filters, _open_work, _pending_work, _scopes, _deletions):
        for table, column, reason in declared():
            uses[table, column].add(reason)
    return uses


def _caller(role: Role) -> Principal:
    user, account, organization, session, site, department = (ids.uuid7() for _ in range(6))
    caller = Principal(user, account, organization, session, role)
    return replace(caller, site_id=site, department_id=department)


def _columns(attribute: Any, reason: Serves) -> Iterator[Use]:
    for column in attribute.property.columns:
        if isinstance(column, sa.Column):
            yield column.table.name, column.name, reason


def _lists() -> Iterator[Use]:
    """Yield the columns by which rows are found from a record that they point at."""
    for _, field in fields():
        match field.metadata.get(DECLARED):
            case Listing(parent=column) if column is not None:
                yield from _columns(column, Serves.LIST)
            case Lookup(loaders=loaders):
                for loader in loaders.values():
                    yield from _keys(loader)
            case Relation(loader=loader) | Number(loader=loader):
                yield from _keys(loader)


def _keys(loader: Any) -> Iterator[Use]:
    """Yield the columns by which a loader finds rows, but for their id."""
    keys: list[Any] = []
    match loader:
        case Many(by=column) | Counted(by=column) | One(by=column):
            keys.append(column)
        case Linked():
            loader.links(_caller(Role.OWNER), partial(_note, keys))
    for key in keys:
        if key.key != "id":
            yield from _columns(key, Serves.LIST)


def _note(keys: list[Any], column: Any) -> sa.ColumnElement[bool]:
    """Note a column that links find rows by, and return a condition in its place."""
    keys.append(column)
    return sa.true()


def _orders() -> Iterator[Use]:
    """Yield the first key of the order of each register, and each key that clients order by."""
    named = [(model, register.order[0].lstrip("-")) for model, register in REGISTERS.items()]
    for name, order in vars(derived).items():
        if name.endswith("Order"):
            model = getattr(derived, name.removesuffix("Order") + "Filter").model
            named += [(model, key) for key in order.attributes.values() if "." not in key]
    for model, key in named:
        for table, column, reason in _columns(getattr(model, key), Serves.ORDER):
            is_text = Base.metadata.tables[table].c[column].info.get(TEXT_KEY)
            yield table, f"{column}_sort" if is_text else column, reason


def _filters() -> Iterator[Use]:
    for name, filter in vars(derived).items():
        if not name.endswith("Filter") or not hasattr(filter, "model"):
            continue
        for field in filter.__dataclass_fields__.values():
            if DECLARED not in field.metadata and hasattr(filter.model, field.name):
                yield from _columns(getattr(filter.model, field.name), Serves.FILTER)


def _open_work() -> Iterator[Use]:
    for table, kind in records().items():
        for column, rule in assignments(kind).items():
            if rule.open_in is not None:
                yield table, column, Serves.OPEN_WORK


def _pending_work() -> Iterator[Use]:
    for kind in WORK_KINDS.values():
        yield kind.model.__tablename__, kind.column, Serves.PENDING_WORK


def _scopes() -> Iterator[Use]:
    """Yield the columns in the conditions of roles that see some rows only."""
    for permission in PERMISSIONS.values():
        for role in permission.rows:
            for condition in permission.visible(_caller(role)):
                for part in visitors.iterate(condition):
                    if isinstance(part, sa.Column) and isinstance(part.table, sa.Table):
                        yield part.table.name, part.name, Serves.SCOPE


def _deletions() -> Iterator[Use]:
    removable = {table for table, kind in records().items() if kind.removable}
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.info.get("ref") in removable:
                yield table.name, column.name, Serves.DELETION

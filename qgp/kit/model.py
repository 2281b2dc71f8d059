"""Mapped base classes, and the columns and constraints of every record.

A `Record` belongs to one organization, refers only to records of that organization (by composite
foreign keys), and counts its versions from 1.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from functools import cache, lru_cache
from typing import Any, ClassVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, PassiveFlag, mapped_column
from sqlalchemy.orm.attributes import History, get_history, instance_dict
from sqlalchemy.sql.elements import conv

from qgp.kit import ids, text_keys
from qgp.kit.errors import AlreadyExists, DomainError, OutOfRange, between
from qgp.kit.indexes import Reasons, Serves, index, is_set
from qgp.kit.names import to_camel

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ANY_RECORD = "any_record"  # in the info of a column that holds ids of records of any kind
KEY_OF = "key_of"  # in the info of a key column: the function that makes the key of a text


class Base(orm.DeclarativeBase):
    """Base of every table."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: sa.Text(),
        datetime: sa.DateTime(timezone=True),
        dict[str, Any]: JSONB(),
        list[str]: sa.ARRAY(sa.Text()),
        list[int]: sa.ARRAY(sa.Integer()),
        Enum: sa.Enum(
            Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda kind: [member.value for member in kind],
        ),
    }

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if isinstance(table := cls.__dict__.get("__table__"), sa.Table):
            _name_checks(table)

    def __init__(self, **values: Any) -> None:
        """Set attributes of a new row, by name.

        A new row has no former values, so that columns which nothing validates are set without
        the events of the ORM.

        Raises:
            TypeError: the class has no such attribute.
        """
        kind, row = type(self), instance_dict(self)
        unvalidated = _unvalidated(kind)
        for name, value in values.items():
            if name in unvalidated:
                row[name] = value
            elif hasattr(kind, name):
                setattr(self, name, value)
            else:
                raise TypeError(f"{kind.__name__} has no attribute {name}")


@cache
def _unvalidated(kind: type[Base]) -> frozenset[str]:
    """Return the names of the columns of a class that no function validates."""
    mapper: orm.Mapper[Any] = sa.inspect(kind)
    return frozenset(mapper.column_attrs.keys()) - mapper.validators.keys()


def history_of(row: Base, name: str) -> History:
    """Return the former and the present value of an attribute, without a statement."""
    return get_history(row, name, PassiveFlag.PASSIVE_NO_INITIALIZE)


def ref(
    table: str, *, serves: Reasons = (), later: bool = False, key: bool = False, **info: Any
) -> Any:
    """Declare a column that points at a record of `table` in the same organization.

    Args:
        table: its name.
        serves: reasons for an index of the column alone; without one there is none.
        later: whether the two tables point at each other, so that this key is created last.
        key: whether the column belongs to the primary key.
        info: further info of the column.
    """
    declared = {"ref": table, "serves": serves, "later": later, **info}
    return mapped_column(index=False, primary_key=key, info=declared)


def unique(
    *columns: str,
    name: str | None = None,
    error: DomainError | None = None,
    kind: str = "record",
    **options: Any,
) -> sa.UniqueConstraint:
    """Declare columns that are unique in an organization.

    Args:
        columns: their names.
        name: of the constraint; None for the naming convention.
        error: the refusal; by default it names the last column.
        kind: noun for the record in the default refusal.
        options: further options of `sa.UniqueConstraint`.
    """
    taken = f"Another {kind} has this {columns[-1].replace('_', ' ')}. Choose a different one."
    rule = {"error": error or AlreadyExists(taken, to_camel(columns[-1]))}
    return sa.UniqueConstraint("organization_id", *columns, name=name, info=rule, **options)


def check(name: str, rule: str, error: DomainError | None = None) -> sa.CheckConstraint:
    """Declare a rule in SQL for each row.

    Args:
        name: of the rule.
        rule: the condition.
        error: the refusal; without it, a row that breaks the rule is a defect of the server.
    """
    return sa.CheckConstraint(rule, name=name, info={"error": error} if error else {})


def in_range(column: str, least: int, most: int, message: str) -> sa.CheckConstraint:
    """Declare a column between two numbers, both included."""
    error = OutOfRange(message, to_camel(column), constraint=between(least, most))
    return check(column, f"{column} BETWEEN {least} AND {most}", error)


def in_order(name: str, first: str, last: str, message: str) -> sa.CheckConstraint:
    """Declare a column that is not less than another, such as the last day of a period."""
    error = OutOfRange(message, to_camel(last), constraint=between(to_camel(first), None))
    return check(name, f"{last} >= {first}", error)


class Owned(Base):
    """Base of rows of one organization, guarded by row level security and an ORM criterion."""

    __abstract__ = True
    organization_id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-10)

    @classmethod
    def within(cls, organization_id: Any) -> sa.ColumnElement[bool]:
        """Return the condition that the rows of the class, or of an alias of it, belong to it.

        The rows of an aliased subquery do: the condition is on the classes that it selects from.
        To repeat it around them would copy the subquery, an eighth of the time of a compilation.
        """
        inspected = sa.inspect(cls, raiseerr=False)
        selectable = None if inspected is None else inspected.selectable
        if isinstance(getattr(selectable, "element", None), sa.SelectBase):
            return sa.true()
        belongs: sa.ColumnElement[bool] = cls.organization_id == organization_id
        return belongs


class Record(Owned):
    """Base of records: id, version, creation and last change, and an audit trail.

    Attributes:
        part_of: for a link or another part of a record, the column that points at that record,
            whose history contains the part's entries. It never changes, and a part has no parts.
        removable: whether commands delete rows; columns that point at them have an index then.
    """

    __abstract__ = True
    prefix: ClassVar[str]
    part_of: ClassVar[str | None] = None
    removable: ClassVar[bool] = False

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7, sort_order=-9)
    version: Mapped[int] = mapped_column(sort_order=90)
    created_at: Mapped[datetime] = mapped_column(sort_order=91)
    created_by_id: Mapped[UUID | None] = mapped_column(
        sort_order=92, info={"ref": "users", "later": True}
    )
    updated_at: Mapped[datetime] = mapped_column(sort_order=93)
    updated_by_id: Mapped[UUID | None] = mapped_column(
        sort_order=94, info={"ref": "users", "later": True}
    )

    @orm.declared_attr.directive
    def __mapper_args__(cls) -> dict[str, Any]:
        # Values that the database computes are returned by the change itself.
        return {"version_id_col": cls.__table__.c.version, "eager_defaults": True}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if isinstance(table := cls.__dict__.get("__table__"), sa.Table):
            ids.register(cls.prefix, cls.__name__)
            _bind_to_organization(table)
            _add_text_keys(cls, table)

    @property
    def public_id(self) -> str:
        """The id as clients see it."""
        return ids.encode(self.prefix, self.id)


def _bind_to_organization(table: sa.Table) -> None:
    """Add the organization to every foreign key, and the indexes of those that have a reason."""
    organization = sa.ForeignKeyConstraint(["organization_id"], ["organizations.id"])
    table.append_constraint(organization)
    for column in table.columns:
        if target := column.info.get("ref"):
            columns = ["organization_id", column.name]
            referenced = [f"{target}.organization_id", f"{target}.id"]
            later = column.info.get("later", False)
            table.append_constraint(sa.ForeignKeyConstraint(columns, referenced, use_alter=later))
            if serves := column.info.get("serves"):
                _index_reference(table, column, serves)


def _index_reference(table: sa.Table, column: sa.Column[Any], serves: Reasons) -> None:
    """Add the index of a column that points at a record, without the rows that point at none."""
    if column.nullable:
        name, where = f"ix_{table.name}_{column.name}", is_set(column.name)
        index(name, column.name, serves=serves, table=table, postgresql_where=where)
    else:
        index(None, column.name, serves=serves, table=table)


def _add_text_keys(kind: type[Record], table: sa.Table) -> None:
    """Add the key columns of `text_keys` to each text, and an index of those that order lists."""
    for column in [*table.columns]:
        for name, key in text_keys.key_columns(column).items():
            setattr(kind, name, key)
        if column.info.get(text_keys.IS_INDEXED):
            name = f"{column.name}_sort"
            index(f"ix_{table.name}_{name}", name, "id", serves=Serves.ORDER, table=table)


def _name_checks(table: sa.Table) -> None:
    """Name a check of one column after the column, in place of the enum."""
    for rule in table.constraints:
        if isinstance(rule, sa.CheckConstraint) and len(rule.columns) == 1:
            rule.name = conv(f"ck_{table.name}_{rule.columns[0].name}")


def records() -> Mapping[str, type[Record]]:
    """Return every mapped record by table name."""
    return _records(len(Base.metadata.tables))


@lru_cache(maxsize=1)
def _records(_: int) -> Mapping[str, type[Record]]:
    """Return the records of so many tables."""
    mapped = (mapper.class_ for mapper in Base.registry.mappers)
    return {kind.__tablename__: kind for kind in mapped if issubclass(kind, Record)}

"""Assignment of records to users: columns that name them, and the users who can be named.

A model declares such a column with `assigned`. A user who has left cannot be named in it anew, and
the record is the user's open work (`kit.open_work`) while the declaration says so.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm.attributes import instance_dict

from qgp.kit import clock
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import Invalid, NotFound
from qgp.kit.indexes import Reasons
from qgp.kit.model import Record, history_of, records, ref
from qgp.kit.names import to_camel
from qgp.kit.precompiled import Precompiled
from qgp.kit.sql_dates import Condition
from qgp.kit.workflow import Stateful

if TYPE_CHECKING:
    from qgp.kit.work import Work

USERS = "users"
_CHECKED = "assignees"  # in the info of a session: the users that it has locked
OpenIn = Collection[DescribedEnum] | Condition


@dataclass(frozen=True)
class Assignment:
    """Rule of a column that assigns its record to a user.

    Attributes:
        is_work: whether the user has to do the work, so that a role that only reads is refused.
        open_in: the states, or the condition of a row, in which the record is open work of the
            user; None where it never is.
        path: the input's field, where it is not named after the column.
        may_be_vacant: whether a record that becomes open work again, such as a reopened one, is
            left without its user, where that one has left meanwhile.
    """

    is_work: bool
    open_in: OpenIn | None
    path: str | None
    may_be_vacant: bool

    @property
    def note(self) -> str:
        """The rule, for the description of an input."""
        return f"A user who is {_rule(is_work=self.is_work)}."


class Assignable:
    """Mixin of the record that `assigned` columns point at: users.

    Attributes:
        RULE: the users who can be assigned to records, as in "a user who is …".
        WORK_RULE: the same, where the user has to do the work.
    """

    RULE: ClassVar[str]
    WORK_RULE: ClassVar[str]

    @classmethod
    def is_available(cls, at: Any) -> sa.ColumnElement[bool]:
        """Return the condition that the user has not left, at an instant or its SQL parameter."""
        raise NotImplementedError

    @classmethod
    def may_work(cls) -> sa.ColumnElement[bool]:
        """Return the condition that the user's role does work."""
        raise NotImplementedError


class Assignee(NamedTuple):
    """A user who is named by a column."""

    id: UUID
    is_available: bool
    may_work: bool


def assigned(
    *,
    open_in: OpenIn | None = None,
    is_work: bool = True,
    path: str | None = None,
    may_be_vacant: bool = False,
    serves: Reasons = (),
) -> Any:
    """Declare a column with the user whom a record is assigned to.

    Args:
        open_in: see `Assignment`; so are `is_work`, `path` and `may_be_vacant`.
        serves: see `ref`.
    """
    return ref(USERS, serves=serves, assignment=Assignment(is_work, open_in, path, may_be_vacant))


def assignment_of(column: Any) -> Assignment | None:
    """Return the rule of a column that assigns its record to a user, or None."""
    assignment: Assignment | None = column.info.get("assignment")
    return assignment


@cache
def assignments(kind: type[Record]) -> Mapping[str, Assignment]:
    """Return the rules of the columns that assign records of a kind to users, by name."""
    mapper: Any = sa.inspect(kind)
    columns = {attribute.key: attribute.columns[0] for attribute in mapper.column_attrs}
    rules = {name: assignment_of(column) for name, column in columns.items()}
    return {name: rule for name, rule in rules.items() if rule is not None}


@cache
def _assignable() -> Any:
    return records()[USERS]


def check(session: orm.Session, new: Sequence[Record], changed: Sequence[Record]) -> None:
    """Refuse users who have left, where new or changed rows name them anew, but for ended ones.

    Rows that become open work again, of a user who has left, are left without one where declared.
    The users stay locked until the end of the transaction, so that they do not leave meanwhile.

    Raises:
        NotFound: there is no such user in the organization.
        Invalid: the user has left, or has a role that only reads.
    """
    if any(isinstance(row, Assignable) for row in (*new, *changed)):
        session.info.pop(_CHECKED, None)
    present = [row for row in new if not _has_ended(row)]
    named = [*_named(present, are_new=True), *_named(changed, are_new=False)]
    reopened = [*_reopened(changed)]
    if not named and not reopened:
        return
    assignees: dict[UUID, Assignee] = session.info.setdefault(_CHECKED, {})
    ids = {id for id, _, _ in named} | {getattr(row, name) for row, name in reopened}
    if unknown := ids - assignees.keys():
        assignees |= {row.id: row for row in _locked(session, unknown)}
    for id, path, assignment in named:
        _require(assignees.get(id), path, is_work=assignment.is_work)
    for row, name in reopened:
        user = assignees[getattr(row, name)]
        if not user.is_available or not user.may_work:
            setattr(row, name, None)


def _reopened(rows: Sequence[Record]) -> Iterator[tuple[Record, str]]:
    """Yield the rows that become open work again, with the column of a user, if it may be null."""
    for row in rows:
        for name, open_in in _vacant_columns(type(row)).items():
            values, former = instance_dict(row), history_of(row, "status").deleted
            if not former or former[0] in open_in or values["status"] not in open_in:
                continue
            if values.get(name) is not None and not history_of(row, name).added:
                yield row, name


@cache
def _vacant_columns(kind: type[Record]) -> Mapping[str, Collection[DescribedEnum]]:
    """Return the columns that may be left without a user, each with the states of open work."""
    return {
        name: rule.open_in
        for name, rule in assignments(kind).items()
        if rule.may_be_vacant and isinstance(rule.open_in, Collection)
    }


def _has_ended(row: Record) -> bool:
    """Whether a new record is imported as one that has ended, of a user who may have left since."""
    return isinstance(row, Stateful) and row.status in row.workflow.closed


async def require_assignable(work: "Work", id: UUID, path: str, *, is_work: bool = True) -> None:
    """Refuse a user whom no record can be assigned to; `path` locates the input.

    Raises:
        NotFound, Invalid: see `check`.
    """
    is_user = _assignable().id == id
    row = next(iter(await work.tuples(_assignees(is_user, clock.now()))), None)
    _require(row and Assignee(*row), path, is_work=is_work)


def _named(rows: Sequence[Record], *, are_new: bool) -> Iterator[tuple[UUID, str, Assignment]]:
    """Yield the users whom rows name anew, each with the path of the input and the rule."""
    for row in rows:
        values = instance_dict(row)
        for name, assignment in assignments(type(row)).items():
            id = values.get(name)
            if id is not None and (are_new or history_of(row, name).added):
                yield id, assignment.path or to_camel(name), assignment


def _locked(session: orm.Session, ids: Collection[UUID]) -> Sequence[Assignee]:
    """Return the users of these ids, who stay as they are until the end of the transaction."""
    organization_id = session.info["scope"].organization_id
    values = {"organization": organization_id, "ids": [*ids], "at": clock.now()}
    return [*map(Assignee._make, _lock().run(session.connection(), values).rows)]


@cache
def _lock() -> Precompiled:
    user, ids = _assignable(), sa.bindparam("ids", type_=ARRAY(sa.Uuid()))
    at = sa.bindparam("at", type_=sa.DateTime(timezone=True))
    organization = sa.bindparam("organization", type_=sa.Uuid())
    is_assignee = sa.and_(user.organization_id == organization, user.id == sa.any_(ids))
    return Precompiled(_assignees(is_assignee, at).with_for_update(read=True))


def _assignees(condition: sa.ColumnElement[bool], at: Any) -> sa.Select[Any]:
    user = _assignable()
    columns: tuple[Any, ...] = (user.id, user.is_available(at), user.may_work())
    return sa.select(*columns).where(condition).order_by(user.id)


def _require(assignee: Assignee | None, path: str, *, is_work: bool) -> None:
    if assignee is None:
        raise NotFound(f"No {_assignable().__name__} with this id is visible to you.", path)
    remedy = f"Choose a user who is {_rule(is_work=is_work)}."
    if not assignee.is_available:
        raise Invalid(f"This user has left. {remedy}", path)
    if is_work and not assignee.may_work:
        raise Invalid(f"The role of this user only reads. {remedy}", path)


def _rule(*, is_work: bool) -> str:
    rule: str = _assignable().WORK_RULE if is_work else _assignable().RULE
    return rule

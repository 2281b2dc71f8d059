"""Subjects: the kinds of record that records of other modules may be about.

A module makes its record a subject in one line, `finding_by_id = subject(one(Finding, READ))`,
without knowing the records about it. Those hold kind and id of their subject. No foreign key can
enforce that, so commands check it before they write such a row: `get_visible`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import ids
from qgp.kit.errors import NotFound
from qgp.kit.indexes import Serves, index
from qgp.kit.loader import One
from qgp.kit.model import Record
from qgp.kit.policy import Principal, readable_ids_cte
from qgp.kit.work import Work

R = TypeVar("R", bound=Record)
POINTS = "subject"  # in the info of a column that holds the id of a subject of any kind
SUBJECTS: dict[str, One[Any]] = {}  # by prefix, see `qgp.kit.composition`


@dataclass(frozen=True)
class Subject:
    """Record of any kind that a caller named.

    Attributes:
        kind: its prefix.
    """

    kind: str
    id: UUID


def subject(loader: One[R]) -> One[R]:
    """Declare the records of a loader by id as subjects."""
    return replace(loader, is_subject=True)


def _kind(*, nullable: bool = False) -> Any:
    return mapped_column(sa.String(40), nullable=nullable, sort_order=-7)


def _id(*, nullable: bool = False) -> Any:
    """Declare a column with the id of a subject; its filter takes ids of any kind."""
    return mapped_column(nullable=nullable, info={POINTS: True}, sort_order=-7)


class About:
    """Mixin of records that are about a subject: its kind and its id."""

    subject_type: Mapped[str] = _kind()
    subject_id: Mapped[UUID] = _id()


class NamesRecord:
    """Mixin of records that may name a subject beside the one that they are about."""

    record_type: Mapped[str | None] = _kind(nullable=True)
    record_id: Mapped[UUID | None] = _id(nullable=True)


def subject_index(table: str, *order: str) -> sa.Index:
    """Declare the index of the list below a subject, in its order."""
    return index(f"ix_{table}_of_subject", "subject_id", *order, serves=Serves.LIST)


def subjects_of(model: type[Record]) -> Sequence[One[Any]]:
    """Return the loader of each kind of record that rows of `model` may be about.

    A record about a subject can be a subject itself, of records that are no subjects: a comment on
    evidence of a finding. The chain ends there.
    """
    kinds = [loader for _, loader in sorted(SUBJECTS.items())]
    if model.prefix not in SUBJECTS:
        return kinds
    return [one for one in kinds if not issubclass(one.model, About)]


def concerning(
    model: type[Record], caller: Principal, name: str = "subject"
) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may read the subject of a row of `model`.

    Args:
        model: a record that is `About` a subject.
        caller: the signed-in user.
        name: prefix of its columns.
    """
    kind, id = getattr(model, f"{name}_type"), getattr(model, f"{name}_id")
    return is_readable(kind, id, subjects_of(model), caller)


def is_readable(
    kind: Any, id: Any, loaders: Iterable[One[Any]], caller: Principal
) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may read the record that two columns name.

    Args:
        kind: the column with its prefix.
        id: the column with its id.
        loaders: of the kinds that it may have.
        caller: the signed-in user.
    """
    conditions = []
    for loader in loaders:
        if caller.may(loader.read):
            of_kind = kind == loader.model.prefix
            rows = readable_ids_cte(loader.model, loader.read, caller)
            conditions.append(of_kind if rows is None else sa.and_(of_kind, id.in_(rows)))
    return sa.or_(sa.false(), *conditions)


async def get_visible(work: Work, subject: Subject, path: str = "subjectId") -> Record:
    """Return the record that a new row is about.

    Raises:
        NotFound: it is missing, or hidden from the caller.
    """
    loader = SUBJECTS[subject.kind]
    may_read = work.caller.may(loader.read)
    row: Record | None = await work.load(loader, subject.id) if may_read else None
    if row is None:
        raise NotFound(f"No {loader.model.__name__} with this id is visible to you.", path)
    return row


def loader_of(kind: str) -> One[Any]:
    """Return the loader of the subjects of a kind, by its prefix."""
    return SUBJECTS[kind]


def columns_of(subject: Subject | None, name: str = "subject") -> dict[str, Any]:
    """Return the values of the columns of `About` for a subject."""
    return {
        f"{name}_type": subject and subject.kind,
        f"{name}_id": subject and subject.id,
    }


def named(model: type[Record], text: str, *path: str) -> Subject:
    """Parse the public id of the subject of a new row of `model`.

    Raises:
        Invalid: the text is no id, or the id of a kind that such rows cannot be about.
    """
    kinds = [loader.model.prefix for loader in subjects_of(model)]
    return Subject(*ids.split(text, *path, among=kinds))

"""What is closed on evidence: modules say of their records when the last of it has to stand."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.model import Record
from qgp.kit.work import Work

Rule = Callable[[Any], sa.ColumnElement[bool]]
Holder = Callable[[UUID], sa.Select[Any]]


@dataclass(frozen=True, eq=False)
class _Kept:
    rule: Rule
    way: str
    holder: Holder


_kept: dict[str, _Kept] = {}


def keeps(model: type[Record], way: str, holder: Holder) -> Callable[[Rule], Rule]:
    """Keep evidence about records of `model` from being withdrawn while a rule holds.

    Args:
        model: a subject.
        way: how what is closed is opened again, as in "reopen the finding (findingReopen)".
        holder: selects what may be closed on evidence about the record with an id: itself, or
            what it is part of.
    """

    def register(rule: Rule) -> Rule:
        _kept[model.prefix] = _Kept(rule, way, holder)
        return rule

    return register


def is_needed(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that nothing else proves what is closed on an item."""
    ways = [sa.and_(item.subject_type == kind, kept.rule(item)) for kind, kept in _kept.items()]
    return sa.or_(sa.false(), *ways)


async def hold(work: Work, kind: str, id: UUID) -> None:
    """Lock what may be closed on evidence about a record, so that it does not end meanwhile."""
    if kind in _kept:
        await work.rows(_kept[kind].holder(id).with_for_update())


def way_out(kind: str) -> str:
    """Tell what opens again what evidence about records of the kind is needed for."""
    return _kept[kind].way

"""Reasons of notifications: whether they still hold, and whether recipients may read the record."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.comments.facts import mentions_unfiltered
from qgp.kit import sql_dates
from qgp.kit.assignment import assignments
from qgp.kit.model import Record, records
from qgp.kit.names import to_camel
from qgp.kit.pending_work import WORK_KINDS
from qgp.kit.policy import Principal
from qgp.kit.subjects import About
from qgp.kit.visibility import NODES, Named, limits_of
from qgp.kit.work import Work
from qgp.notifications.commands.due import out_of_date
from qgp.notifications.model import DUE_KINDS, CancelReason, Notification, NotificationKind
from qgp.users.facts import principals_unfiltered
from qgp.watches.facts import watches_unfiltered

Reasons = dict[UUID, CancelReason]


class ReasonCheck:
    """Check of some notifications, in a few statements for all of them.

    Attributes:
        recipients: those who may sign in now, by id.
    """

    def __init__(self, work: Work, rows: Sequence[Notification]) -> None:
        self._work, self._rows = work, rows
        self.recipients: Mapping[UUID, Principal] = {}
        self._ended: Reasons = {}

    async def run(self) -> Mapping[UUID, CancelReason]:
        """Return the notifications whose reason has ended, by id, each with the cause."""
        ids = {row.recipient_id for row in self._rows}
        self.recipients = await principals_unfiltered(self._work.session, ids=ids)
        self._end(
            (row for row in self._rows if row.recipient_id not in self.recipients),
            CancelReason.RECIPIENT_LEFT,
        )
        await self._check_subjects()
        await self._check_assignments()
        await self._check_work()
        self._ended |= await out_of_date(self._work, self._open(*DUE_KINDS))
        await self._check_mentions()
        await self._check_watches()
        return self._ended

    async def readable(self) -> Sequence[Notification]:
        """Return those whose recipient may read the record now; after `run`."""
        return await self._readable(self._open(), lambda row: (row.subject_type, row.subject_id))

    async def readable_causes(self, rows: Sequence[Notification]) -> Sequence[Notification]:
        """Return those whose recipient may read what was changed, too, where that is no part."""
        about = [row for row in rows if _is_about(row)]
        readable = await self._readable(
            about, lambda row: (records()[row.entity].prefix, row.entity_id)
        )
        hidden = {row.id for row in about} - {row.id for row in readable}
        return [row for row in rows if row.id not in hidden]

    async def _readable(
        self, among: Sequence[Notification], record_of: Callable[[Notification], Named]
    ) -> Sequence[Notification]:
        """Return those whose recipient may read a record that exists.

        By a statement for each recipient and kind, unless the recipient may read all of the kind.
        """
        readable: list[Notification] = []
        groups = _grouped(among, lambda row: (row.recipient_id, record_of(row)[0]))
        for (recipient, prefix), rows in groups.items():
            if prefix not in NODES:
                continue
            model = NODES[prefix].model
            if limits := limits_of(model, self.recipients[recipient]):
                is_sought = model.id.in_({record_of(row)[1] for row in rows})
                seen = {*await self._work.rows(sa.select(model.id).where(is_sought, *limits))}
                readable += [row for row in rows if record_of(row)[1] in seen]
            else:
                readable += rows
        return readable

    def _open(self, *kinds: NotificationKind) -> Sequence[Notification]:
        """Return the notifications that hold so far, of some kinds or of all."""
        still = (row for row in self._rows if row.id not in self._ended)
        return [row for row in still if not kinds or row.kind in kinds]

    def _end(self, rows: Iterable[Notification], cause: CancelReason) -> None:
        self._ended |= {row.id: cause for row in rows}

    async def _check_subjects(self) -> None:
        """End those about a deleted record."""
        models = {model.prefix: model for model in records().values()}
        for prefix, rows in _grouped(self._open(), lambda row: row.subject_type).items():
            model: Any = models[prefix]
            statement = sa.select(model.id).where(model.id.in_(_subjects(rows)))
            ids = {*await self._work.rows(statement)}
            self._end((row for row in rows if row.subject_id not in ids), CancelReason.DELETED)

    async def _check_assignments(self) -> None:
        """End those of records that are assigned to another user, or are no open work any more."""
        groups = _grouped(
            self._open(NotificationKind.ASSIGNED), lambda row: (row.entity, str(row.field))
        )
        for (entity, field), rows in groups.items():
            model: Any = records()[entity]
            name = _column_of(model, field)
            open_in = assignments(model)[name].open_in
            is_open = sa.true() if open_in is None else sql_dates.applies(model, open_in)
            columns: tuple[Any, ...] = (model.id, getattr(model, name), is_open)
            ids = {row.entity_id for row in rows}
            named = await self._work.tuples(sa.select(*columns).where(model.id.in_(ids)))
            users = {id: (user, is_open) for id, user, is_open in named}
            for row in rows:
                user, is_open_now = users.get(row.entity_id, (None, True))
                if user != row.recipient_id:
                    self._end([row], CancelReason.REASSIGNED)
                elif not is_open_now:
                    self._end([row], CancelReason.DONE)

    async def _check_work(self) -> None:
        """End those of work that does not wait for the recipient any more."""
        of_work = [row for row in self._open() if row.work_kind is not None]
        groups = _grouped(of_work, lambda row: (str(row.work_kind), row.recipient_id))
        for (name, recipient), rows in groups.items():
            kind, caller = WORK_KINDS.get(name), self.recipients[recipient]
            waiting: dict[UUID, UUID | None] = {}
            if kind is not None and kind.is_for(caller):
                among = await self._work.tuples(kind.among(_subjects(rows), caller))
                waiting = dict(map(tuple, among))
            for row in rows:
                is_theirs = row.subject_id in waiting
                if not is_theirs or waiting[row.subject_id] != row.responsible_id:
                    self._end([row], CancelReason.DONE)

    async def _check_mentions(self) -> None:
        rows = self._open(NotificationKind.MENTIONED)
        if rows:
            statement = mentions_unfiltered({row.entity_id for row in rows})
            mentions = {*await self._work.rows(statement)}
            ended = (row for row in rows if row.entity_id not in mentions)
            self._end(ended, CancelReason.DELETED)

    async def _check_watches(self) -> None:
        rows = self._open(NotificationKind.WATCHED_CHANGE)
        if rows:
            watches = await self._work.rows(watches_unfiltered(_subjects(rows)))
            watched = {(watch.user_id, watch.subject_id) for watch in watches}
            ended = (row for row in rows if (row.recipient_id, row.subject_id) not in watched)
            self._end(ended, CancelReason.UNWATCHED)


def _is_about(row: Notification) -> bool:
    """Whether the event is one of a record about the subject, which has a READ of its own."""
    model = records()[row.entity]
    return issubclass(model, About) and model.prefix != row.subject_type


def _subjects(rows: Iterable[Notification]) -> set[UUID]:
    return {row.subject_id for row in rows}


def _grouped(rows: Iterable[Notification], key: Any) -> dict[Any, list[Notification]]:
    groups = defaultdict[Any, list[Notification]](list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def _column_of(model: type[Record], field: str) -> str:
    """Return the assigning column of a field of the API."""
    names = (name for name in assignments(model) if to_camel(name.removesuffix("_id")) == field)
    return next(names)

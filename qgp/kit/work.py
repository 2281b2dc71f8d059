"""Unit of work: the reads and changes of one transaction."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import audit_notes, clock
from qgp.kit.constraints import constraint_errors
from qgp.kit.errors import Invalid, NotFound, StaleVersion
from qgp.kit.loader import Loader
from qgp.kit.model import Owned, Record
from qgp.kit.outbox import RELATED
from qgp.kit.policy import Permission, Principal
from qgp.kit.reader import Reader
from qgp.kit.reference_numbers import reference_of
from qgp.kit.row_locks import locked
from qgp.kit.sealing import Seal
from qgp.kit.services import NO_SERVICES, ServicesByType
from qgp.kit.session import Database, stage
from qgp.kit.signing import Meaning, Signing
from qgp.kit.workflow import Stateful, Workflow

K = TypeVar("K", bound=Hashable)
Act = Callable[..., Awaitable[Record]]  # a service function; takes the unit of work first
V = TypeVar("V")
R = TypeVar("R", bound=Record)
NOBODY = UUID(int=0)
Later = Callable[[Database], Awaitable[object]]


class Work(Reader):
    """Unit of work: a session inside a transaction, and the user who acts.

    Attributes:
        services: services of the application.
        later: functions to call after the commit.
        passed: checks that this unit of work has passed; None if it repeats them, since records
            that they are about may change meanwhile.
        signature: meaning of the user's proven signature; None without one.
        answers: values for fields of the payload, by the name of their `Offer`.
    """

    signature: Meaning | None = None

    def __init__(
        self,
        session: AsyncSession,
        caller: Principal,
        services: ServicesByType = NO_SERVICES,
    ) -> None:
        super().__init__(session, caller)
        self.services = services
        self.later: list[Later] = []
        self.passed: set[Hashable] | None = None
        self.answers: dict[str, Any] = {}

    def after_commit(self, act: Later) -> None:
        """Call a function once the transaction is committed, for effects outside the database.

        The call is lost if the process ends before it: a later run has to detect that.
        """
        self.later.append(act)

    async def load(self, loader: Loader[K, V], key: K) -> V:
        """Load one value as of this transaction, without a cache."""
        return (await loader.fetch(self, [key]))[0]

    async def tuples(
        self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        """Run one statement and return its rows; cancelling the caller cancels it."""
        return await self._run(partial(self._execute, statement, parameters))

    async def once(self, name: str, statement: sa.Select[Any]) -> Sequence[Any]:  # noqa: ARG002
        """Run one statement and return its first column, anew each time."""
        return await self.rows(statement)

    async def check_once(self, key: Hashable, check: Callable[[], Awaitable[None]]) -> None:
        """Run a check of records that an import does not change, once for each key.

        Args:
            key: the check and what it is about.
            check: raises DomainError where it fails.
        """
        if self.passed is not None and key in self.passed:
            return
        await check()
        if self.passed is not None:
            self.passed.add(key)

    async def get(
        self,
        model: type[R],
        id: UUID,
        *,
        expected_version: int | None = None,
        path: str = "id",
        read: Permission | None = None,
    ) -> R:
        """Return the row, locked until the end of the transaction; `path` locates its id.

        Raises:
            NotFound: no such row in this organization, or `read` hides it from the caller.
            StaleVersion: it has another version than the caller expected.
        """
        seen = read.visible(self.caller) if read else ()
        statement = locked(sa.select(model).where(model.id == id, *seen))
        row = await self.session.scalar(statement.execution_options(populate_existing=True))
        if row is None:
            raise _not_found(model, path)
        if expected_version not in {None, row.version}:
            raise StaleVersion(expected=expected_version or 0, current=row.version)
        return row

    async def get_open(
        self, model: type[R], id: UUID, *, expected_version: int | None = None, path: str = "id"
    ) -> R:
        """Return a visible record whose state is not closed, locked.

        Raises:
            NotFound, StaleVersion: see `get`.
            Invalid: the record is in a closed state of its workflow.
        """
        workflow: Workflow = cast(type[Stateful], model).workflow
        row = await self.get(
            model, id, expected_version=expected_version, path=path, read=workflow.read
        )
        workflow.require_open(cast(Stateful, row), path)
        return row

    async def owner_of(self, column: Any, id: UUID, path: str = "id") -> UUID:
        """Return the id in a column of a record, to lock the owning record first.

        Args:
            column: points at the owning record.
            id: of the record.
            path: locates the id in the input.

        Raises:
            NotFound: no such record in this organization.
        """
        model: type[Record] = column.class_
        owner: UUID | None = await self.session.scalar(sa.select(column).where(model.id == id))
        if owner is None:
            raise _not_found(model, path)
        return owner

    async def add(self, *rows: R) -> R:
        """Write new rows and return the first; later rows may refer to earlier ones."""
        self.session.add_all(rows)
        await self._stage()
        return rows[0]

    async def change(self, row: R, values: dict[str, Any]) -> R:
        """Set columns and write the row."""
        for name, value in values.items():
            setattr(row, name, value)
        await self._stage()
        return row

    async def touch(self, row: R) -> R:
        """Increase the row's version after a change of rows that belong to it."""
        return await self.change(row, {"updated_at": clock.now()})

    async def redact(self, row: R, values: dict[str, Any], *fields: str) -> R:
        """Set columns, write the row, and redact the former texts of `fields` in the audit trail.

        Args:
            row: the record.
            values: columns to set.
            fields: redactable columns; one that keeps its value keeps its texts.
        """
        changed = [
            name for name in fields if getattr(row, name) != values.get(name, getattr(row, name))
        ]
        self.session.info.setdefault("redactions", {})[row] = changed
        return await self.change(row, values)

    async def move(self, row: R, transition: str, *, reason: str | None = None, **values: Any) -> R:
        """Take a transition of the row's workflow and set columns with it, in one version.

        Args:
            row: the record.
            transition: its name.
            reason: stored in the audit trail and the status history.
            values: columns beside, or in place of, those that the transition itself sets.

        Raises:
            TransitionNotAllowed: the state has no such transition, or a guard blocks it.
            Invalid: the signature has another meaning than the transition's.
        """
        assert isinstance(row, Stateful)
        declared = row.workflow.transitions[transition]
        if declared.signature:
            self.require_meaning(transition, declared.signature)
        # Guards read the values that come with the transition as one change.
        with self.session.no_autoflush:
            changes = {**await declared.changes(self, row), **values}
            await row.workflow.move(self, row, transition)
        self.set_reason(reason)
        moved = await self.change(row, changes)
        if declared.emits:
            self.emit(moved, declared.emits)
        if declared.signature:
            await self.sign(moved, declared.seals)
        return moved

    def require_meaning(self, mutation: str, meaning: Meaning) -> None:
        """Refuse a signature of the caller with another meaning than the mutation's.

        Raises:
            Invalid: the caller's signature has another meaning.
        """
        if self.signature not in {None, meaning}:
            message = (
                f"The signature of {mutation} has the meaning {meaning.value}. Send that meaning."
            )
            raise Invalid(message, "signature", "meaning")

    async def sign(self, row: Record, seals: Seal | None = None) -> None:
        """Store the caller's signature, if there is one, of a changed and written row.

        Args:
            row: the record.
            seals: the content that it seals; None for that of the record's workflow.
        """
        if self.signature:
            await self.services[Signing].write(self, row, self.signature, seals)

    async def seal_audit_notes(self) -> None:
        """Assign the current time, actor and action to the changes so far."""
        await self.flush()
        audit_notes.seal(self.session.sync_session)

    def set_reason(self, reason: str | None) -> None:
        """Set the reason of the following changes; earlier ones keep theirs."""
        audit_notes.seal(self.session.sync_session)
        self.session.info["reason"] = reason

    def emit(self, row: Any, name: str, *, related: Record | None = None, **data: Any) -> None:
        """Write a further event of a written record at the commit (`kit.outbox`).

        Args:
            row: the record; the event has its present version, and its reference if it has one.
            name: second part of the event's name, such as `overdue`.
            related: another written record that the event tells of: it is shown to those alone who
                may read both.
            data: ids, versions, references, names of fields and states, by name; no texts.
        """
        if reference := reference_of(row):
            data = {"reference": reference, **data}
        if related is not None:
            data |= {RELATED: related.public_id}
        session = self.session.sync_session
        audit_notes.emit(session, type(row), row.id, row.version, name, **data)

    def emit_internal(self, kind: type[Owned], id: UUID, name: str, **data: Any) -> None:
        """Write an internal event of a row that is no record at the commit, for subscriptions.

        Args:
            kind: of the row; `id` is its id.
            name: second part of the event's name; see `emit`, also for `data`.
        """
        audit_notes.emit(self.session.sync_session, kind, id, 1, name, **data)

    async def remove(self, *rows: Record) -> None:
        """Delete rows of one removable kind, with entries in the audit trail."""
        assert all(row.removable for row in rows), "declare it, for the indexes of what points here"
        for row in rows:
            await self.session.delete(row)
        await self._stage()

    async def flush(self) -> None:
        """Write pending changes, so that a broken constraint is raised here."""
        with constraint_errors():
            await self.session.flush()

    async def _stage(self) -> None:
        """Stamp pending changes; they are written before the next statement, or the commit."""
        with constraint_errors():
            await self.session.run_sync(stage)


def _not_found(model: type[Record], path: str) -> NotFound:
    return NotFound(f"No {model.__name__} with this id is visible to you.", path)

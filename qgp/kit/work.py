"""How one operation reads, and how it changes something: statements of one transaction."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from enum import StrEnum
from typing import Any, TypeVar, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import audit, clock
from qgp.kit.constraints import constraint_errors
from qgp.kit.errors import Invalid, NotFound, StaleVersion
from qgp.kit.loader import Loader
from qgp.kit.model import Record
from qgp.kit.policy import Permission, Principal, Role
from qgp.kit.reader import Reader
from qgp.kit.services import NO_SERVICES, ServicesByType
from qgp.kit.session import Database, Scope
from qgp.kit.signing import Meaning, Signing
from qgp.kit.workflow import Stateful, Workflow

K = TypeVar("K", bound=Hashable)
Act = Callable[..., Awaitable[Record]]  # a service function, which takes the unit of work first
V = TypeVar("V")
R = TypeVar("R", bound=Record)
NOBODY = UUID(int=0)
Later = Callable[[Database], Awaitable[object]]


class Work(Reader):
    """One unit of work: a session inside a transaction, and the person behind it.

    Attributes:
        services: what the application hands to modules that need more.
        later: what is to happen once the transaction is committed.
        signature: what the person proved to mean, if they sign what they do.
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

    def after_commit(self, act: Later) -> None:
        """Act on the world outside the database once the change is committed, and only then.

        It may be lost with the process: something else has to find what it left undone.
        """
        self.later.append(act)

    async def load(self, loader: Loader[K, V], key: K) -> V:
        """Load one value as it stands inside this transaction."""
        return (await loader.fetch(self, [key]))[0]

    async def tuples(self, statement: sa.Select[Any]) -> Sequence[Any]:
        """Run one statement and return its rows; it ends with whoever asked."""
        return await self._run(statement)

    async def once(self, name: str, statement: sa.Select[Any]) -> Sequence[Any]:  # noqa: ARG002
        """Run one statement and return its first column; a change may come between two."""
        return await self.rows(statement)

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
        statement = sa.select(model).where(model.id == id, *seen).with_for_update()
        row = await self.session.scalar(statement.execution_options(populate_existing=True))
        if row is None:
            raise _unseen(model, path)
        if expected_version not in {None, row.version}:
            raise StaleVersion(expected=expected_version or 0, current=row.version)
        return row

    async def get_open(
        self, model: type[R], id: UUID, *, expected_version: int | None = None, path: str = "id"
    ) -> R:
        """Return a record that the caller sees and that its state lets change, locked.

        Raises:
            NotFound, StaleVersion: see `get`.
            Invalid: its workflow says that the state is closed.
        """
        workflow: Workflow = cast(type[Stateful], model).workflow
        row = await self.get(
            model, id, expected_version=expected_version, path=path, read=workflow.read
        )
        workflow.require_open(cast(Stateful, row), path)
        return row

    async def owner_of(self, column: Any, id: UUID, path: str = "id") -> UUID:
        """Return the id in a column of a record, to lock the record that it belongs to first.

        Args:
            column: points at that record.
            id: the record; `path` locates it.

        Raises:
            NotFound: no such record in this organization.
        """
        model: type[Record] = column.class_
        owner: UUID | None = await self.session.scalar(sa.select(column).where(model.id == id))
        if owner is None:
            raise _unseen(model, path)
        return owner

    async def add(self, *rows: R) -> R:
        """Write new rows and return the first; earlier ones may be pointed at by later ones."""
        self.session.add_all(rows)
        await self.flush()
        return rows[0]

    async def change(self, row: R, values: dict[str, Any]) -> R:
        """Set columns and write the row."""
        for name, value in values.items():
            setattr(row, name, value)
        await self.flush()
        return row

    async def touch(self, row: R) -> R:
        """Let the row's version count a change of what belongs to it."""
        return await self.change(row, {"updated_at": clock.now()})

    async def redact(self, row: R, values: dict[str, Any], *fields: str) -> R:
        """Set columns, write the row, and remove the former texts of these from the trail.

        Args:
            fields: redactable columns; one that keeps its value keeps its texts.
        """
        changed = [
            name for name in fields if getattr(row, name) != values.get(name, getattr(row, name))
        ]
        self.session.info.setdefault("redactions", {})[row] = changed
        return await self.change(row, values)

    async def move(self, row: R, transition: str, *, reason: str | None = None, **values: Any) -> R:
        """Take a step of the row's workflow and set columns with it, in one version.

        Args:
            row: the record.
            transition: the step's name.
            values: columns beside, or in place of, those that the step itself sets.
            reason: why; the trail and the history of states keep it.

        Raises:
            TransitionNotAllowed: the state has no such move, or a guard blocks it.
            Invalid: the caller signed, and means something else than the step says.
        """
        assert isinstance(row, Stateful)
        step = row.workflow.transitions[transition]
        if step.signature and self.signature not in {None, step.signature}:
            message = f"This step is signed with the meaning {step.signature.value}."
            raise Invalid(message, "signature", "meaning")
        changes = {**step.changes(self, row), **values}
        with self.session.no_autoflush:  # guards read what comes with the step as one change
            await row.workflow.move(self, row, transition)
        self.set_reason(reason)
        moved = await self.change(row, changes)
        if step.signature and self.signature:
            await self.services[Signing].write(self, moved, self.signature)
        return moved

    async def take(
        self,
        workflow: Workflow,
        transition: str,
        *,
        id: UUID,
        expected_version: int,
        **inputs: Any,
    ) -> Record:
        """Take a step as its mutation does: load the record, set its columns, move it.

        Raises:
            NotFound: there is no such record, or it is hidden from the caller.
            StaleVersion: it has another version than the caller expected.
            TransitionNotAllowed, Invalid: see `move`.
        """
        row: Any = await workflow.load(self, id, expected_version)
        step = workflow.transitions[transition]
        if step.service is not None:
            return await step.service(self, row, **inputs)
        reason = inputs.pop("reason", None)
        for part in step.inputs:
            value = inputs.get(part.name)
            reason = value if part.is_reason else reason
            if value is not None:
                setattr(row, part.column or part.name, value)
        moved: Record = await self.move(row, transition, reason=reason)
        return moved

    @asynccontextmanager
    async def impersonate(
        self, caller: Principal, action: str, signature: Meaning | None = None
    ) -> AsyncIterator[None]:
        """Act in the name of another person, as one of many things in this transaction.

        The trail tells of it as if it had a transaction of its own.

        Args:
            caller: the person.
            action: what they do, a mutation's field name.
            signature: what they mean by it, if they sign it.
        """
        info = self.session.info
        await self.seal_audit_notes()
        before = self.caller, info["scope"], self.signature
        self.caller, self.signature = caller, signature
        info["scope"] = replace(info["scope"], actor_id=caller.user_id, action=action)
        try:
            yield
            await self.seal_audit_notes()
        finally:
            self.caller, info["scope"], self.signature = before

    async def seal_audit_notes(self) -> None:
        """Let the trail tell of what was done so far as of now, by whoever acts now."""
        await self.flush()
        audit.seal_audit_notes(self.session.sync_session)

    def set_reason(self, reason: str | None) -> None:
        """Let the trail tell why what follows is changed; what was written keeps its own reason."""
        audit.seal_audit_notes(self.session.sync_session)
        self.session.info["reason"] = reason

    async def remove(self, *rows: Record) -> None:
        """Delete rows of one kind; the trail keeps that they were."""
        for row in rows:
            await self.session.delete(row)
        await self.flush()

    async def flush(self) -> None:
        """Send pending changes, so that a broken rule shows here."""
        with constraint_errors():
            await self.session.flush()


def _unseen(model: type[Record], path: str) -> NotFound:
    return NotFound(f"No {model.__name__} with this id is visible to you.", path)


@asynccontextmanager
async def operating(
    database: Database, organization_id: UUID, action: StrEnum
) -> AsyncIterator[Work]:
    """Open a unit of work of the operator; the trail names the action."""
    with constraint_errors():
        async with database.write(Scope(organization_id, action=action.value)) as session:
            yield Work(session, operator(organization_id))


def operator(organization_id: UUID) -> Principal:
    """Return the operator inside an organization: an owner's rights, and no user."""
    return Principal(NOBODY, NOBODY, organization_id, NOBODY, Role.OWNER)

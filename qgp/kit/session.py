"""Database sessions of one organization, which stamp rows and note changes for the audit trail.

Each transaction begins by setting the runtime role, the organization for row level security, and
the timeouts. The ORM adds the organization to every query as a second line of defence. A session
without an organization sees no record.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from qgp.kit import (
    audit,
    audit_notes,
    flush,
    savepoints,
    stamping,
)
from qgp.kit.availability import Availability
from qgp.kit.organization_criterion import OrganizationCriterion
from qgp.kit.runtime_role import RUNTIME_ROLE


@dataclass(frozen=True)
class Scope:
    """Organization and actor of a transaction.

    Attributes:
        organization_id: the organization; None for none.
        account_id: the person whose memberships are visible before an organization is chosen.
        actor_id: the user who makes the changes, or None for the system.
        action: the mutation's field name, for the audit trail.
        request_id: id of the request.
    """

    organization_id: UUID | None = None
    account_id: UUID | None = None
    actor_id: UUID | None = None
    action: str = "system"
    request_id: str | None = None


@dataclass(frozen=True)
class Timeouts:
    """Timeouts of the database, in milliseconds (R-12)."""

    statement_ms: int = 5_000
    lock_ms: int = 2_000
    idle_ms: int = 10_000


class OrganizationSession(orm.Session):
    """Session bound to the `Scope` in its `info`."""

    @property
    def scope(self) -> Scope:
        """The organization and actor of this session."""
        return cast(Scope, self.info["scope"])

    def _save_or_update_state(self, state: Any) -> None:
        """Add a row, and no related ones: mapped classes have no relationships to go through."""
        state._orphaned_outside_of_session = False
        self._save_or_update_impl(state)

    def flush(self, objects: Sequence[object] | None = None) -> None:
        """Stamp and write the pending rows."""
        assert objects is None
        self.stage()
        self.write_staged()

    def stage(self) -> None:
        """Stamp the pending rows; their statements wait for the next one, or for the commit."""
        super().flush()

    def write_staged(self) -> None:
        """Send the statements that wait."""
        flush.write_staged(self)

    def _flush(self, objects: Sequence[object] | None = None) -> None:  # noqa: ARG002
        """Stamp, stage and note the pending rows, in place of the ORM."""
        pending = flush.Pending.of(self)
        if pending.changed or pending.deleted:
            flush.settle_reference(self)
        new, changed = stamping.stamp(self, pending)
        flush.stage(self, pending)
        audit_notes.note(self, new, changed, stamping.records(pending.deleted))
        flush.register(self, pending)


def stage(session: orm.Session) -> None:
    """Stage the pending rows of an `OrganizationSession`."""
    cast(OrganizationSession, session).stage()


savepoints.restore_notes(OrganizationSession)


class Database:
    """Factory of transactions for a scope.

    Args:
        engine: pool of `kit.connection_setup.Connection`.
        timeouts: of each transaction.
        availability: refuses every transaction while the database is lost.
        announce: is called with the organization after each commit of events (`kit.outbox`).
    """

    def __init__(
        self,
        engine: AsyncEngine,
        timeouts: Timeouts | None = None,
        availability: Availability | None = None,
        announce: Callable[[UUID], None] = lambda _: None,
    ) -> None:
        self.engine = engine
        self.announce = announce
        self.timeouts = timeouts or Timeouts()
        self.availability = availability or Availability()

    @asynccontextmanager
    async def read(self, scope: Scope, *, is_snapshot: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a read-only transaction and roll it back at the end.

        Args:
            scope: its organization and actor.
            is_snapshot: whether all its statements see the database as the first one does.
        """
        async with self._open(scope, read_only=True, is_snapshot=is_snapshot) as session:
            yield session

    @asynccontextmanager
    async def write(self, scope: Scope) -> AsyncIterator[AsyncSession]:
        """Open a transaction; commit at the end, roll back on any error."""
        session = self._open(scope, read_only=False)
        try:
            yield session
            await session.commit()
        except BaseException:
            await asyncio.shield(session.close())
            raise
        if session.info.get(audit.HAS_EVENTS):
            self.announce(session.info["scope"].organization_id)
        session.sync_session.close()  # the commit has returned the connection

    def _open(self, scope: Scope, *, read_only: bool, is_snapshot: bool = False) -> AsyncSession:
        self.availability.require()
        info = {"scope": scope, "timeouts": self.timeouts, "read_only": read_only}
        return AsyncSession(
            self.engine,
            sync_session_class=OrganizationSession,
            expire_on_commit=False,
            info=info | {"is_snapshot": is_snapshot},
        )


async def enter(session: AsyncSession, scope: Scope) -> None:
    """Change the scope of the running transaction, as sign-in does once the user is known."""
    session.info["scope"] = scope
    await session.execute(_OPEN, _settings(session.info))


async def replan(session: AsyncSession) -> None:
    """Forget the plans of the connection's statements, those of foreign keys among them.

    A plan that was made for an empty table may read all rows of an organization for each new one,
    until the database analyzes the table: every index begins with the organization.
    """
    connection = await session.connection()
    await connection.exec_driver_sql("DISCARD PLANS")


_SETTINGS = {
    "role": "role",
    "app.organization_id": "organization_id",
    "app.account_id": "account_id",
    "transaction_read_only": "read_only",
    "statement_timeout": "statement_ms",
    "lock_timeout": "lock_ms",
    "idle_in_transaction_session_timeout": "idle_ms",
}
# Made once: building and compiling it costs more than running it.
_OPEN = sa.select(
    *[
        sa.func.set_config(name, sa.bindparam(value, type_=sa.Text), True)
        for name, value in _SETTINGS.items()
    ]
)


def _settings(info: dict[str, Any]) -> dict[str, str]:
    scope, timeouts = info["scope"], info["timeouts"]
    return {
        "role": RUNTIME_ROLE,
        "organization_id": str(scope.organization_id or ""),
        "account_id": str(scope.account_id or ""),
        "read_only": "on" if info["read_only"] else "off",
        "statement_ms": str(timeouts.statement_ms),
        "lock_ms": str(timeouts.lock_ms),
        "idle_ms": str(timeouts.idle_ms),
    }


@event.listens_for(OrganizationSession, "after_begin")
def _set_up_transaction(
    session: orm.Session, transaction: orm.SessionTransaction, connection: sa.Connection
) -> None:
    if not transaction.nested:
        cast(Any, connection.connection.driver_connection).setup_sql = _setup_sql(session.info)


def _setup_sql(info: dict[str, Any]) -> str:
    """Return the settings as SQL for `Connection.setup_sql`; no value comes from a client."""
    settings = _settings(info)
    statements = [f"SET LOCAL {name}='{settings[value]}'" for name, value in _SETTINGS.items()]
    if info["is_snapshot"]:
        statements.insert(0, "SET LOCAL transaction_isolation='repeatable read'")
    return ";".join(statements)


@event.listens_for(OrganizationSession, "do_orm_execute")
def _limit_to_organization(state: orm.ORMExecuteState) -> None:
    organization_id = state.session.info["scope"].organization_id
    if organization_id is not None:
        state.statement = state.statement.options(_organization_criterion(organization_id))


@lru_cache(maxsize=256)
def _organization_criterion(organization_id: UUID) -> OrganizationCriterion:
    """Return the criterion of one organization, cached since making it is costly."""
    organization = _OrganizationParameter(None, organization_id, type_=sa.Uuid(), unique=True)
    return OrganizationCriterion(organization)


class _OrganizationParameter(sa.BindParameter[UUID]):
    """Parameter of the criterion, compared by its hash.

    SQLAlchemy looks it up in dictionaries for each execution, among annotated copies of the same
    hash. To compare two of them as columns made expressions, a tenth of a statement's time.
    """

    inherit_cache = True
    __hash__ = sa.BindParameter.__hash__

    def __eq__(self, other: object) -> Any:
        return hash(self) == hash(other)


@event.listens_for(OrganizationSession, "before_commit")
def _append_to_trail(session: OrganizationSession) -> None:
    session.stage()
    if session.in_nested_transaction():
        session.write_staged()
    else:
        audit.append(session)  # the head is locked right before the commit

"""Context of one GraphQL operation: caller, read transaction, loaders and units of work."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from qgp.kit.access import caller_parameters
from qgp.kit.command_result import Result
from qgp.kit.constraints import constraint_errors
from qgp.kit.errors import SIGN_IN_FIRST, Unauthenticated
from qgp.kit.loader import Loader
from qgp.kit.paging import PAGING, Paging
from qgp.kit.policy import Permission, Principal, SignedIn
from qgp.kit.reader import Reader
from qgp.kit.services import NO_SERVICES, ServicesByType
from qgp.kit.session import Database, Scope
from qgp.kit.sign_in_guard import ended_sign_ins, require_sign_in
from qgp.kit.signing import Meaning
from qgp.kit.sql_statement import SqlStatement
from qgp.kit.statement_counter import SentStatement
from qgp.kit.work import Work

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
Recheck = Callable[[AsyncSession], Awaitable[Principal]]


@dataclass(eq=False)
class Context:
    """Context of one GraphQL operation.

    Attributes:
        database: opens the transactions.
        request_id: id of the request, for the audit trail.
        principal: the signed-in user, or None.
        client_ip: address of the client, for throttling.
        public_url: address of the server for clients, without a slash at its end; empty where
            there is no request.
        signing_key: key of 32 bytes that authenticates cursors.
        paging: default and most rows of a page.
        services: services of the application for commands (signers, hashers, files).
        sent: the statements of planned fields so far.
        signature: None, since a read signs nothing.
        finished: outcome of the operation's only command, where a plan has executed it; its
            resolver awaits that in place of executing the command.
        signed_in: the cached sign-in that each unit of work compares with the database; None where
            the sign-in was checked before.
    """

    database: Database
    request_id: str
    principal: Principal | None = None
    client_ip: str = ""
    public_url: str = ""
    signing_key: bytes = b""
    paging: Paging = PAGING
    services: ServicesByType = NO_SERVICES
    sent: list[SentStatement] = field(default_factory=list)
    signature: Meaning | None = None
    finished: asyncio.Future[Result] | None = None
    signed_in: SignedIn | None = None
    _loaders: dict[Any, DataLoader[Any, Any]] = field(default_factory=dict)
    _shared: dict[Hashable, Any] = field(default_factory=dict)
    _recheck: Recheck | None = None
    _has_worked: bool = False
    _facts: dict[str, asyncio.Future[Sequence[Any]]] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _reader: Reader | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)
    _is_over: bool = False

    @property
    def caller(self) -> Principal:
        """The signed-in user.

        Raises:
            Unauthenticated: nobody is signed in.
        """
        if self.principal is None:
            raise Unauthenticated(SIGN_IN_FIRST)
        return self.principal

    def require(self, permission: Permission) -> None:
        """Raise Unauthenticated or Forbidden unless the caller holds the permission."""
        self.caller.require(permission)

    def load(self, loader: Loader[K, V], key: K) -> Awaitable[V]:
        """Load through this operation's instance of `loader`: authorized, batched and cached."""
        self.require(loader.read)
        if loader not in self._loaders:
            self._loaders[loader] = DataLoader(load_fn=partial(loader.fetch, self))
        # A cancelled field must not cancel a load that other fields wait for.
        return asyncio.shield(self._loaders[loader].load(key))

    def shared(self, purpose: Hashable, make: Callable[[], Loader[K, V]], key: K) -> Awaitable[V]:
        """Load through the operation's loader for a purpose, which `make` creates on first use."""
        if purpose not in self._shared:
            self._shared[purpose] = make()
        return self.load(self._shared[purpose], key)

    async def once(self, name: str, statement: sa.Select[Any]) -> Sequence[Any]:
        """Return the first column of a statement that runs once in the operation, by name."""
        if name not in self._facts:
            self._facts[name] = asyncio.ensure_future(self.rows(statement))
        return await asyncio.shield(self._facts[name])

    async def rows(self, statement: sa.Select[Any]) -> Sequence[Any]:
        """Run one read in the operation's transaction."""
        return await (await self._reading()).rows(statement)

    async def tuples(
        self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        """Run one read of several columns in the operation's transaction."""
        return await (await self._reading()).tuples(statement, parameters)

    async def compiled(
        self, statement: SqlStatement, parameters: Mapping[str, Any]
    ) -> Sequence[Any]:
        """Run one compiled read; its parameters of the caller are added."""
        values = {**caller_parameters(self.caller), **parameters}
        return await (await self._reading()).compiled(statement, values)

    @asynccontextmanager
    async def unit_of_work(self, action: str) -> AsyncIterator[Work]:
        """Open a transaction named after the mutation; clear the results of earlier reads.

        Raises:
            SignInEnded: the sign-in of the caller is not in force as it was cached.
        """
        await self.close()
        scope = replace(self.scope, action=action)
        with constraint_errors(), ended_sign_ins():
            async with self.database.write(scope) as session:
                if self.signed_in is not None:
                    require_sign_in(session, self.signed_in)
                if self._has_worked and self._recheck is not None:
                    self.principal = await self._recheck(session)
                self._has_worked = True
                work = Work(session, self.caller, self.services)
                try:
                    yield work
                finally:
                    await work.end()
        for act in work.later:
            await act(self.database)

    @property
    def scope(self) -> Scope:
        """The organization and user of this operation's transactions."""
        caller = self.caller
        return Scope(caller.organization_id, None, caller.user_id, "read", self.request_id)

    def continue_as(self, principal: Principal | None, recheck: Recheck | None = None) -> None:
        """Continue as `principal`, whose sign-in is valid now, or signed out.

        Args:
            principal: None where a command signed the user out.
            recheck: called by each later command of the document for the current principal, since
                an earlier one may have suspended the user; None after a command that signed in.
        """
        self.principal, self._recheck = principal, recheck

    def reuse_transaction(self, session: AsyncSession, stack: AsyncExitStack) -> None:
        """Continue reading in the transaction that authentication opened."""
        self._stack, self._reader = stack, Reader(session, self.caller)

    async def close(self) -> None:
        """End the read transaction and clear the loaders; a later read opens another one."""
        self._loaders.clear()
        self._shared.clear()
        self._facts.clear()
        async with self._opening:
            if self._reader is not None:
                await self._reader.end(at_once=self._is_over)
            self._reader = None  # only now: a close that is cancelled before is done again
            await self._stack.aclose()

    async def end(self) -> None:
        """Close for good: a load that nobody awaits any more opens no transaction."""
        self._is_over = True
        await self.close()

    async def _reading(self) -> Reader:
        async with self._opening:
            if self._is_over:
                raise asyncio.CancelledError  # the field was cancelled
            if self._reader is None:
                session = await self._stack.enter_async_context(self.database.read(self.scope))
                self._reader = Reader(session, self.caller)
            return self._reader

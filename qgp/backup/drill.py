"""Restore drill: dump the live database, restore it to an empty cluster, compare and verify."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from qgp.backup import content
from qgp.backup.content import Content
from qgp.backup.programs import BackupFailed, Programs
from qgp.kit import connection_setup
from qgp.kit.audit_verification import first_broken
from qgp.kit.backup_access import BACKUP_ROLE
from qgp.kit.runtime_role import RUNTIME_ROLE
from qgp.kit.session import Database, Scope
from qgp.migrations import Compatibility
from qgp.settings.database import Database as Address

OWNER = "qgp_restore"


@dataclass(frozen=True)
class Outcome:
    """Outcome of a drill.

    Attributes:
        tables: number of compared tables.
        rows: number of their rows.
        organizations: number of verified audit trails.
        size_bytes: size of the dump.
        seconds: time from the beginning of the dump to the end of the verification.
    """

    tables: int
    rows: int
    organizations: int
    size_bytes: int
    seconds: float


@dataclass(frozen=True)
class Drill:
    """A dump of one database and its restoration on an empty cluster.

    Attributes:
        source: address of the database, with a user who may act as the backup role.
        target: address of the empty cluster's maintenance database, with a superuser.
        programs: PostgreSQL's programs, as new as both servers.
        folder: folder for the dump, with enough space.
    """

    source: str
    target: str
    programs: Programs
    folder: Path

    async def run(self) -> Outcome:
        """Dump, restore, compare and verify.

        Raises:
            BackupFailed: a step failed, or the restored database differs.
        """
        begun, dump = time.monotonic(), self.folder / "quality.dump"
        before, roles = await self._dump(dump)
        restored = await self._restore(dump, roles)
        async with _engine(restored) as engine:
            async with content.snapshot(engine) as connection:
                after = await content.read(connection)
            if differences := before.differences(after):
                raise BackupFailed(
                    "\n".join(["The restored database differs from the dumped one:", *differences])
                )
            await _verify(engine, [*after.heads])
        return Outcome(
            tables=len(after.rows),
            rows=sum(after.rows.values()),
            organizations=len(after.heads),
            size_bytes=dump.stat().st_size,
            seconds=time.monotonic() - begun,
        )

    async def _dump(self, dump: Path) -> tuple[Content, list[str]]:
        """Write the dump; return the content of the same snapshot, and the roles that it names."""
        async with _engine(self.source) as engine:
            try:
                async with content.snapshot(engine) as connection:
                    await self._require_new_programs(engine)
                    moment = await connection.scalar(sa.text("SELECT pg_export_snapshot()"))
                    options = ("--format=custom", f"--role={BACKUP_ROLE}", "--enable-row-security")
                    self.programs.run(
                        "pg_dump", self.source, *options, f"--snapshot={moment}", f"--file={dump}"
                    )
                    return await content.read(connection), await content.grantees(connection)
            except DBAPIError as error:
                raise BackupFailed(_message(error)) from None

    async def _require_new_programs(self, engine: AsyncEngine) -> None:
        async with engine.connect() as connection:
            number = await connection.scalar(sa.text("SHOW server_version_num"))
        server, ours = int(str(number)) // 10_000, self.programs.major("pg_dump")
        if ours < server:
            raise BackupFailed(
                f"The server is PostgreSQL {server}, but pg_dump is {ours}. "
                f"Install pg_dump {server} or newer."
            )

    async def _restore(self, dump: Path, roles: list[str]) -> str:
        """Restore with an owner who is no superuser; return the address of the new database."""
        target = sa.make_url(self.target)
        needed = sorted({*roles, RUNTIME_ROLE, BACKUP_ROLE} - {OWNER, target.username})
        statements = [f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS" for role in needed]
        statements += [
            f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER",
            f"GRANT {RUNTIME_ROLE}, {BACKUP_ROLE} TO {OWNER}",
            f"CREATE DATABASE {OWNER} OWNER {OWNER}",
        ]
        self.programs.run(
            "psql", self.target, "-XAtq", *[part for one in statements for part in ("-c", one)]
        )
        url = target.set(username=OWNER, database=OWNER)
        restored = url.render_as_string(hide_password=False)
        options = ("--no-owner", "--exit-on-error", "--single-transaction")
        self.programs.run("pg_restore", restored, *options, str(dump))
        return restored


async def _verify(engine: AsyncEngine, organizations: list[UUID]) -> None:
    """Check that the application would be ready on the database and that every chain is intact."""
    async with engine.connect() as connection:
        problem = await Compatibility.of_code().problem(connection)
    if problem is not None:
        raise BackupFailed(f"/readyz would answer 503 on the restored database: {dict(problem)}.")
    database = Database(engine)
    for organization in organizations:
        async with database.read(Scope(organization)) as session:
            broken = await first_broken(session)
        if broken is not None:
            raise BackupFailed(
                f"The audit trail of organization {organization} is broken at entry "
                f"{broken.sequence}. "
                f"{broken.problem.meaning}"
            )


@asynccontextmanager
async def _engine(address: str) -> AsyncIterator[AsyncEngine]:
    database = Address.parse(address)
    arguments = {**database.connect_args, "connection_class": connection_setup.Connection}
    engine = create_async_engine(database.url, connect_args=arguments, hide_parameters=True)
    try:
        yield engine
    finally:
        await engine.dispose()


def _message(error: DBAPIError) -> str:
    state = str(getattr(error.orig, "sqlstate", None))
    if state in {"22023", "42501"}:
        return (
            f"The database user may not act as {BACKUP_ROLE}, or the role is missing. Migrate (it "
            f"makes the role), or ask an administrator: GRANT {BACKUP_ROLE} TO <the user>;"
        )
    return f"The database cannot be read ({state}). Check DATABASE_URL."

"""Content of a database as the backup role reads it: rows by table, heads of the hash chains."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from qgp.kit.audit import AuditHead
from qgp.kit.backup_access import BACKUP_ROLE

_TABLES = """
SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace
  AND relkind = 'r' ORDER BY 1
"""
_GRANTEES = """
SELECT DISTINCT quote_ident(r.rolname) FROM pg_class c, aclexplode(c.relacl) a
JOIN pg_roles r ON r.oid = a.grantee WHERE c.relnamespace = current_schema()::regnamespace
"""


@dataclass(frozen=True)
class Content:
    """Content that the drill compares.

    Attributes:
        rows: number of rows by table.
        heads: number and hash of the last audit trail entry, by organization.
    """

    rows: Mapping[str, int]
    heads: Mapping[UUID, tuple[int, bytes]]

    def differences(self, other: "Content") -> list[str]:
        """Return a message for each table and hash chain that differs."""
        tables = sorted(self.rows.keys() | other.rows.keys())
        counts = [(name, self.rows.get(name), other.rows.get(name)) for name in tables]
        messages = [
            f"{name}: {one} rows, restored {two}" for name, one, two in counts if one != two
        ]
        chains = self.heads.keys() | other.heads.keys()
        broken = [
            str(organization)
            for organization in chains
            if self.heads.get(organization) != other.heads.get(organization)
        ]
        return messages + [
            f"audit trail of organization {organization} ends elsewhere" for organization in broken
        ]


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that sees one snapshot of all rows, without a statement timeout."""
    connected = engine.execution_options(isolation_level="REPEATABLE READ")
    async with connected.connect() as connection:
        for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
            await connection.execute(sa.text(f"SET LOCAL {setting} = 0"))
        await connection.execute(sa.text(f"SET LOCAL ROLE {BACKUP_ROLE}"))
        yield connection


async def read(connection: AsyncConnection) -> Content:
    """Count the rows of all tables and read the heads of all chains."""
    tables = (await connection.scalars(sa.text(_TABLES))).all()
    counting = sa.union_all(
        *[
            sa.select(sa.literal(name, literal_execute=True), sa.func.count()).select_from(
                sa.table(name)
            )
            for name in tables
        ]
    )
    rows = {row[0]: row[1] for row in await connection.execute(counting)}
    head = AuditHead.__table__
    chains = sa.select(head.c.organization_id, head.c.seq, head.c.hash)
    heads = {
        organization: (seq, seal) for organization, seq, seal in await connection.execute(chains)
    }
    return Content(rows, heads)


async def grantees(connection: AsyncConnection) -> list[str]:
    """Return the roles with privileges on the tables, quoted."""
    return list(await connection.scalars(sa.text(_GRANTEES)))

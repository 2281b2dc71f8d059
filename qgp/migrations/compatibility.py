"""Compatibility of code and database by their migrations, also with a newer database."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from qgp.kit.runtime_role import RUNTIME_ROLE
from qgp.migrations.scripts import revisions

BEHIND = {"migrations": "behind the code"}
TOO_NEW = {"migrations": "need newer code"}
UNKNOWN = {"migrations": "unknown to the code"}
NO_ROLE = {"role": f"the database user may not act as {RUNTIME_ROLE}"}
_NO_TABLE, _NO_SUCH_ROLE, _NOT_PERMITTED = "42P01", "22023", "42501"
_REFUSALS = {_NO_TABLE: BEHIND, _NO_SUCH_ROLE: BEHIND, _NOT_PERMITTED: NO_ROLE}

_APPLIED = sa.text("""
SELECT version_num AS revision, true AS is_head, NULL AS needs_code FROM alembic_version
UNION ALL SELECT revision, false, needs_code FROM applied_migrations
""")


@dataclass(frozen=True)
class Compatibility:
    """Migrations of the code.

    Attributes:
        heads: the newest revisions of the code, all of which it needs.
        revisions: every revision of the code.
    """

    heads: frozenset[str]
    revisions: frozenset[str]

    @classmethod
    def of_code(cls) -> "Compatibility":
        """Read the migration scripts of the code."""
        before = revisions()
        return cls(frozenset(before.keys() - before.values()), frozenset(before))

    async def problem(self, connection: AsyncConnection) -> Mapping[str, str] | None:
        """Return the check that fails on a database and the reason, or None; as the runtime role.

        Args:
            connection: to the database, outside a transaction.

        Raises:
            DBAPIError: the database does not answer.
        """
        try:
            await connection.execute(sa.text(f"SET LOCAL ROLE {RUNTIME_ROLE}"))
            rows = (await connection.execute(_APPLIED)).all()
        except DBAPIError as error:
            problem = _REFUSALS.get(str(getattr(error.orig, "sqlstate", None)))
            if problem is None:
                raise
            return problem
        return self.judge(
            heads={row.revision for row in rows if row.is_head},
            recorded={row.revision: row.needs_code for row in rows if not row.is_head},
        )

    def judge(
        self, *, heads: set[str], recorded: Mapping[str, str | None]
    ) -> Mapping[str, str] | None:
        """Return the check that fails and the reason, or None.

        Args:
            heads: revisions in `alembic_version`.
            recorded: each applied migration with the revision that code has to know, if any.
        """
        newer = heads - self.revisions
        if newer - recorded.keys():
            return UNKNOWN
        applied = recorded.keys() if newer else heads
        if self.heads - applied:
            return BEHIND
        floors = {floor for floor in recorded.values() if floor is not None}
        return TOO_NEW if floors - self.revisions else None

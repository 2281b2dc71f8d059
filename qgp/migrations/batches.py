"""Batches of the statements of a migration whose results are not read: they are sent together.

The driver prepares, executes and closes each statement in three round trips, which took most of the
time of all migrations on an empty database.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa
from alembic.ddl.postgresql import PostgresqlImpl
from sqlalchemy.exc import DBAPIError

_ENDS = ("COMMIT", "ROLLBACK")  # of a transaction that the migration itself has begun


class BatchingImpl(PostgresqlImpl):
    """Alembic's operations on PostgreSQL, whose statements wait for each other in a transaction.

    A batch is sent before anything else that the connection executes, and before the commit. A
    statement that fails is reported there, with the whole batch. Alembic uses this class for its
    dialect once it is imported.
    """

    __dialect__ = "postgresql"

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._batch: list[str] = []
        if not self.as_sql:
            for event in ("before_cursor_execute", "commit"):
                sa.event.listen(self.connection, event, lambda *_: self._send())
            sa.event.listen(self.connection, "rollback", lambda *_: self._batch.clear())

    def _exec(
        self,
        construct: sa.Executable | str,
        execution_options: Mapping[str, Any] | None = None,
        multiparams: Sequence[Mapping[str, Any]] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> sa.CursorResult[Any] | None:
        statement = None if multiparams or params else self._sql(construct)
        if statement is None:
            return super()._exec(construct, execution_options, multiparams, params or {})
        self._batch.append(statement)
        if statement in _ENDS:
            self._send()
        return None

    def _sql(self, construct: Any) -> str | None:
        """Return the SQL of a statement that may wait, or None."""
        clause = sa.text(construct) if isinstance(construct, str) else construct
        if self.as_sql or not isinstance(clause, sa.TextClause | sa.schema.DDLElement):
            return None
        assert self.connection is not None
        driver: Any = self.connection.connection.driver_connection
        compiled = clause.compile(dialect=self.dialect)
        return str(compiled) if driver.is_in_transaction() and not compiled.params else None

    def _send(self) -> None:
        """Execute the batch.

        Raises:
            DBAPIError: the database refuses a statement or does not answer.
        """
        if not self._batch:
            return
        assert self.connection is not None
        script = "\n;\n".join(self._batch)  # a statement may end in a comment
        self._batch.clear()
        connection: Any = self.connection.connection
        try:
            connection.dbapi_connection.run_async(lambda driver: driver.execute(script))
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            if connection.driver_connection.is_closed():
                self.connection.invalidate(error)  # the end of the transaction sends no ROLLBACK
            raise DBAPIError(script, None, error) from error

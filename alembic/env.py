"""Runs migrations over the application's own driver, one runner at a time."""

import logging
import sys

import sqlalchemy as sa
import uvloop
from alembic import command, context
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from qgp import migrations
from qgp.cli import errors
from qgp.kit import backup_access, runtime_role, trail_checks
from qgp.kit.model import Base
from qgp.migrations import draft
from qgp.migrations.batches import BatchingImpl
from qgp.schema import import_models
from qgp.settings import settings

import_models()
# They change nothing, and are asked for while another runner is at work.
READ_ONLY = (command.check, command.current, command.heads, command.history, command.show)


if context.config.cmd_opts:  # the alembic command; `qgp migrate` tells in its own way
    logging.getLogger("alembic").setLevel(logging.INFO)
    if not logging.getLogger().handlers:
        logging.basicConfig(format="%(message)s")


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        on_version_apply=migrations.note,
        process_revision_directives=draft.write,
        include_name=is_compared,
    )
    assert isinstance(context.get_context().impl, BatchingImpl)  # alembic's choice by dialect
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
    if not is_read_only():
        trail_checks.renew_entry_check(connection)
        grant_roles(connection)


def is_compared(name: str | None, kind: str, _: object) -> bool:
    """Return whether a table is one of the models', no partition of one and none of the queue."""
    return kind != "table" or name is None or not name.startswith(("outbox_events_", "pgqueuer"))


def grant_roles(connection: sa.Connection) -> None:
    """Let backups read every table, and the application's user act as the runtime role."""
    notices = [backup_access.grant_backup(connection)]
    user = settings().database.url.username
    if settings().database_migration_url is not None and user is not None:
        notices.append(runtime_role.admit(connection, user))
        connection.commit()
    for notice in filter(None, notices):
        sys.stderr.write(f"\n{notice}")


def is_read_only() -> bool:
    options = context.config.cmd_opts
    return options is not None and options.cmd[0] in READ_ONLY


async def online() -> None:
    database = settings().migration_database
    engine = create_async_engine(
        database.url, connect_args=dict(database.connect_args), poolclass=NullPool
    )
    try:
        if is_read_only():
            await migrate(engine)
        else:
            async with migrations.exclusive(engine, patience=settings().migration_wait_seconds):
                await migrate(engine)
    finally:
        await engine.dispose()


async def migrate(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        await connection.run_sync(run)


if context.is_offline_mode():
    context.configure(
        dialect_name="postgresql", literal_binds=True, on_version_apply=migrations.note
    )
    with context.begin_transaction():
        context.run_migrations()
elif context.config.cmd_opts:  # the alembic command, which prints this error and no traceback
    try:
        uvloop.run(online())
    except errors.FAILURES as error:
        raise CommandError(errors.describe_migration_error(error)) from None
else:
    uvloop.run(online())

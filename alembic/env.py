"""Runs migrations over the application's own driver, one migrator at a time."""

import asyncio
import logging

import sqlalchemy as sa
from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from qgp.kit.model import Base
from qgp.schema import import_models
from qgp.settings import settings

import_models()
LOCK = 0x51475031


if context.config.cmd_opts:  # the alembic command; `qgp migrate` tells in its own way
    logging.getLogger("alembic").setLevel(logging.INFO)
    if not logging.getLogger().handlers:
        logging.basicConfig(format="%(message)s")


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection, target_metadata=Base.metadata, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()


def run_locked(connection: sa.Connection) -> None:
    connection.execute(sa.text("SET lock_timeout = '5s'"))
    connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
    connection.commit()
    run(connection)
    connection.commit()


async def online() -> None:
    database = settings().database
    engine = create_async_engine(
        database.url, connect_args=dict(database.connect_args), poolclass=NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(run_locked)
    await engine.dispose()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
elif context.is_offline_mode():
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    asyncio.run(online())

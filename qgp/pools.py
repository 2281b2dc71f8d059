"""Capacity of one process: connection pools, transaction timeouts and admission limits."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from qgp.http.admission import AdmissionLimits
from qgp.kit import connection_setup, statement_counter
from qgp.kit.availability import renew_closed
from qgp.kit.session import Database, Timeouts
from qgp.settings import Settings

CONNECT_SECONDS = 5  # unless DATABASE_URL has a connect_timeout
STATEMENTS_PREPARED = 500  # by a connection, some 50 KB each; SQLAlchemy compiles as many


def create_engine(settings: Settings, *, size: int | None = None) -> AsyncEngine:
    """Return the connection pool that the settings describe; it opens no connection yet.

    Args:
        size: maximum of connections, in place of POOL_SIZE and POOL_OVERFLOW.
    """
    overflow = 0 if size else settings.pool_overflow
    return _create_engine(settings, pool_size=size or settings.pool_size, max_overflow=overflow)


def create_probe_engine(settings: Settings) -> AsyncEngine:
    """Return a pool of two connections that examine the database, also through a pooler.

    The second one is opened only while the first is in use.
    """
    fit_for_poolers = settings.model_copy(update={"database_pgbouncer": True})
    return _create_engine(fit_for_poolers, pool_size=2, max_overflow=0, pool_use_lifo=True)


def _create_engine(settings: Settings, **pool: Any) -> AsyncEngine:
    database = settings.database
    connect_args = {
        "timeout": CONNECT_SECONDS,
        "prepared_statement_cache_size": STATEMENTS_PREPARED,
        **database.connect_args,
        "connection_class": connection_setup.Connection,
    }
    engine = create_async_engine(
        database.url,
        connect_args=connect_args,
        pool_timeout=settings.pool_wait_seconds,
        hide_parameters=True,
        **pool,
    )
    statement_counter.watch(engine)
    connection_setup.watch(engine)
    renew_closed(engine)
    return engine


def create_database(
    engine: AsyncEngine, settings: Settings, announce: Callable[[UUID], None] = lambda _: None
) -> Database:
    """Return the database with the transaction timeouts of the settings.

    Args:
        engine: its connections.
        announce: see `Database`.
    """
    timeouts = Timeouts(
        settings.statement_timeout_ms,
        settings.lock_timeout_ms,
        settings.idle_in_transaction_timeout_ms,
    )
    database = Database(engine, timeouts, announce=announce)
    database.availability.watch(engine)
    return database


def admission_limits(settings: Settings) -> AdmissionLimits:
    """Return the limits of admission, in total and by principal."""
    return AdmissionLimits(
        total=settings.max_in_flight,
        per_user=settings.max_in_flight_per_user,
        per_address=settings.max_in_flight_per_address,
        waiting=settings.max_waiting_per_user,
        seconds=settings.max_waiting_seconds,
        connections=settings.pool_size,
        heavy_cost=settings.heavy_cost,
    )

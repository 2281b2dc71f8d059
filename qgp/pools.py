"""Capacity of one process as the settings describe it: pools, transactions, shares."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from qgp.http.admission import AdmissionLimits
from qgp.kit import connection_setup, statement_counter
from qgp.kit.availability import renew_closed
from qgp.kit.session import Database, Timeouts
from qgp.settings import Settings

CONNECT_SECONDS = 5  # unless DATABASE_URL has a connect_timeout


def create_engine(found: Settings, *, size: int | None = None) -> AsyncEngine:
    """Return the pool of connections that the settings describe; nothing connects yet.

    Args:
        size: connections at the most, in place of the settings'.
    """
    overflow = 0 if size else found.pool_overflow
    return _create_engine(found, pool_size=size or found.pool_size, max_overflow=overflow)


def create_probe_engine(found: Settings) -> AsyncEngine:
    """Return two connections to examine the database with, whatever pooler stands before it.

    The second one is opened only while somebody holds the first.
    """
    fit_for_poolers = found.model_copy(update={"database_pgbouncer": True})
    return _create_engine(fit_for_poolers, pool_size=2, max_overflow=0, pool_use_lifo=True)


def _create_engine(found: Settings, **pool: Any) -> AsyncEngine:
    database = found.database
    connect_args = {
        "timeout": CONNECT_SECONDS,
        **database.connect_args,
        "connection_class": connection_setup.Connection,
    }
    engine = create_async_engine(
        database.url,
        connect_args=connect_args,
        pool_timeout=found.pool_wait_seconds,
        hide_parameters=True,
        **pool,
    )
    statement_counter.watch(engine)
    connection_setup.watch(engine)
    renew_closed(engine)
    return engine


def create_database(engine: AsyncEngine, found: Settings) -> Database:
    """Return the transactions that the settings describe."""
    timeouts = Timeouts(
        found.statement_timeout_ms, found.lock_timeout_ms, found.idle_in_transaction_timeout_ms
    )
    database = Database(engine, timeouts)
    database.availability.watch(engine)
    return database


def admission_limits(found: Settings) -> AdmissionLimits:
    """Return how much of the process one principal may have."""
    return AdmissionLimits(
        total=found.max_in_flight,
        per_user=found.max_in_flight_per_user,
        per_address=found.max_in_flight_per_address,
        waiting=found.max_waiting_per_user,
        seconds=found.max_waiting_seconds,
        connections=found.pool_size,
        heavy_cost=found.heavy_cost,
    )

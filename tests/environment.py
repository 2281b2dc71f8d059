"""Databases and settings for tests."""

import atexit
import secrets
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy import util
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from qgp.app import Application
from qgp.authentication.passwords import Hasher
from qgp.pools import create_engine
from qgp.settings import Settings, WorkerPlace

A = TypeVar("A", bound=Application)
TEMPLATE = "template_qgp"
MOST_COMPILED = 3_000  # statements of all applications: SQLAlchemy keeps 500 of each engine


class Compiled(util.LRUCache[tuple[Any, ...], Any]):
    """Statements as SQLAlchemy keeps them, for all engines: their dialects differ in nothing."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """Return what was compiled for the dialect of any engine, which comes first in a key."""
        return super().get(key[1:], default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        super().__setitem__(key[1:], value)


COMPILED = Compiled(MOST_COMPILED)


@cache
def folder_for(kind: str) -> Path:
    """Return a folder for files of a kind, which is removed when this process ends."""
    folder = Path(tempfile.mkdtemp(prefix=f"qgp-test-{kind}-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


async def clone(server_url: sa.URL, name: str, template: str = TEMPLATE) -> sa.URL:
    """Copy a database, within some 50 ms, and return the address of the copy."""
    engine = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    statement = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
    async with engine.connect() as connection:
        await connection.execute(sa.text(statement))
    await engine.dispose()
    return server_url.set(database=name)


def settings_for(url: sa.URL, **changes: object) -> Settings:
    """Return development settings at a database, with secrets of their own."""
    changes.setdefault("qgp_files_dir", folder_for("files"))
    changes.setdefault("qgp_data_dir", folder_for("data"))
    changes.setdefault("worker", WorkerPlace.SEPARATE)
    changes.setdefault("lock_timeout_ms", 8_000)  # a busy machine is no fault of the code
    return Settings(
        database_url=SecretStr(url.render_as_string(hide_password=False)),
        secret_key=SecretStr(secrets.token_urlsafe(48)),
        jwt_secret_key=SecretStr(secrets.token_urlsafe(48)),
        **changes,  # type: ignore[arg-type]  # whatever a test wants to differ
    )


def sparing(application: A) -> A:
    """Return the application with a hasher that takes next to nothing."""
    cheap = Hasher(memory_kib=8, passes=1, lanes=1)
    return replace(application, services=replace(application.services, hasher=cheap))


def application_of(settings: Settings, engine: AsyncEngine | None = None) -> Application:
    """Return an application that hashes passwords for next to nothing, on a pool of its own."""
    engine = engine or create_engine(settings)
    engine.sync_engine.update_execution_options(compiled_cache=COMPILED)
    return sparing(Application.of(settings, engine))

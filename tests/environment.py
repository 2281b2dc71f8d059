"""Databases and settings for tests."""

import atexit
import secrets
import shutil
import tempfile
from pathlib import Path

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine

from qgp.settings import Settings

TEMPLATE = "template_qgp"
_FILES = Path(tempfile.mkdtemp(prefix="qgp-test-files-"))
atexit.register(shutil.rmtree, _FILES, ignore_errors=True)


async def clone(server_url: sa.URL, name: str, template: str = TEMPLATE) -> sa.URL:
    """Copy a database, within some 50 ms, and return the address of the copy."""
    engine = create_async_engine(server_url, isolation_level="AUTOCOMMIT")
    made = f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'
    async with engine.connect() as connection:
        await connection.execute(sa.text(made))
    await engine.dispose()
    return server_url.set(database=name)


def settings_for(url: sa.URL, **changes: object) -> Settings:
    """Return development settings at a database, with secrets of their own."""
    changes.setdefault("qgp_files_dir", _FILES)
    changes.setdefault("lock_timeout_ms", 8_000)  # a busy machine is no fault of the code
    return Settings(
        database_url=SecretStr(url.render_as_string(hide_password=False)),
        secret_key=SecretStr(secrets.token_urlsafe(48)),
        jwt_secret_key=SecretStr(secrets.token_urlsafe(48)),
        **changes,  # type: ignore[arg-type]  # whatever a test wants to differ
    )

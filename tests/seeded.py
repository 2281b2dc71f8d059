"""Organizations that many tests read: made once in a run through an application, and copied."""

import io
import os
import pickle
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from pydantic import SecretStr

from qgp.app import Application
from qgp.settings import Settings
from tests.environment import application_of, clone, settings_for
from tests.worlds import filled

FOLDER = "QGP_TEST_FOLDER"  # for files of the run; xdist's workers inherit it
MINUTES = 600  # that a sign-in holds, longer than any run
T = TypeVar("T")


@dataclass(frozen=True)
class Seeded(Generic[T]):
    """A database with what was made in it, to be copied.

    Attributes:
        notes: what is known of it, as a pickle that leaves the application open.
    """

    settings: Settings
    notes: bytes

    @property
    def url(self) -> sa.URL:
        """Address of the database."""
        assert self.settings.database_url is not None
        return sa.make_url(self.settings.database_url.get_secret_value())

    async def copy(self, name: str, **changes: Any) -> "Seeded[T]":
        """Copy the database, and change settings for the copy."""
        assert self.url.database
        url = await clone(self.url.set(database="postgres"), name, self.url.database)
        changes["database_url"] = SecretStr(url.render_as_string(hide_password=False))
        return Seeded(self.settings.model_copy(update=changes), self.notes)

    def open(self) -> tuple[Application, T]:
        """Return an application there, and what is known, as if it had been made through that."""
        application = application_of(self.settings)
        facts: T = _Unpickler(io.BytesIO(self.notes), application).load()
        return application, facts


async def seeded(
    server_url: sa.URL, name: str, seed: Callable[[Application], Awaitable[T]], **changes: Any
) -> Seeded[T]:
    """Return a database that is seeded once in a run, by the first worker to need it.

    Args:
        seed: makes what there is to make, and returns what there is to know of it.
        changes: of the settings.
    """

    async def fill(url: sa.URL) -> Seeded[T]:
        files = Path(os.environ[FOLDER]) / name
        lasting = {"qgp_files_dir": files, "jwt_access_token_expire_minutes": MINUTES}
        settings = settings_for(url, **lasting, **changes)
        application = application_of(settings)
        notes = io.BytesIO()
        _Pickler(notes).dump(await seed(application))
        await application.close()
        return Seeded(settings, notes.getvalue())

    return await filled(server_url, name, fill)


class _Pickler(pickle.Pickler):
    """Leaves applications out, which hold connections."""

    def persistent_id(self, value: Any) -> str | None:
        return "application" if isinstance(value, Application) else None


class _Unpickler(pickle.Unpickler):
    """Puts another application in their place."""

    def __init__(self, file: io.BytesIO, application: Application) -> None:
        super().__init__(file)
        self._application = application

    def persistent_load(self, key: Any) -> Application:
        return self._application

"""The `qgp` command as tests type it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from qgp.app import Application
from qgp.cli import app
from qgp.settings import settings

Command = Callable[..., Result]


@contextmanager
def typed_at(url: sa.URL, application: Application) -> Iterator[Command]:
    """Return the command line at a database, with the application's keys."""
    current = application.settings
    assert current.jwt_secret_key is not None
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url.render_as_string(hide_password=False))
        environment.setenv("QGP_DATA_DIR", str(current.qgp_data_dir))
        environment.setenv("SECRET_KEY", current.secret)
        environment.setenv("JWT_SECRET_KEY", current.jwt_secret_key.get_secret_value())

        def run(*arguments: str, typed: str | None = None) -> Result:
            settings.cache_clear()
            return CliRunner().invoke(app, arguments, input=typed)

        yield run
    settings.cache_clear()

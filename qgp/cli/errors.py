"""Failures of commands that an operator can mend, each as a sentence."""

import socket

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from qgp.embedded import EmbeddedError
from qgp.kit.errors import DomainError
from qgp.settings import ConfigurationError

_NO_TABLE, _NO_DATABASE, _NOT_LET_IN = "42P01", "3D000", ("28000", "28P01")
_REMEDIES = {
    _NO_TABLE: "The database has not been migrated. Run: qgp migrate",
    _NO_DATABASE: "DATABASE_URL: this database does not exist on the server.",
    **dict.fromkeys(_NOT_LET_IN, "DATABASE_URL: the server does not accept user and password."),
}
_UNFIT_DATA = ("22", "23")  # SQLSTATE classes: data exception, integrity constraint violation


class CommandFailed(Exception):
    """A command cannot do what was asked; the text tells a person why."""


MENDABLE = (ConfigurationError, EmbeddedError, CommandFailed, CommandError, DomainError)
FAILURES = (*MENDABLE, SQLAlchemyError, OSError)


def describe_error(error: Exception) -> str:
    """Say what is wrong and what to do; never repeat a statement or its values."""
    if isinstance(error, DomainError):
        return ": ".join([*([".".join(error.path)] if error.path else []), error.message])
    if isinstance(error, MENDABLE):
        return str(error)
    if isinstance(error, SQLAlchemyError):
        return _about_database(error)
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
        return f"The database does not answer: {error}"
    return str(error)


def describe_migration_error(error: Exception) -> str:
    """Say why a migration could not be applied or taken back."""
    if isinstance(error, DBAPIError) and _state(error)[:2] in _UNFIT_DATA:
        return (
            f"The data do not fit this migration: {_first_line(error)}. Nothing of it was "
            "changed. Change or remove these rows, then run it again."
        )
    return describe_error(error)


def _about_database(error: SQLAlchemyError) -> str:
    if not isinstance(error, DBAPIError):
        return f"The database cannot be used ({type(error).__name__})."
    state = _state(error)
    return _REMEDIES.get(state, f"The database refuses ({state}): {_first_line(error)}")


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None))


def _first_line(error: DBAPIError) -> str:
    """Return the server's words without the driver's class and without the rows."""
    cause = getattr(error.orig, "__cause__", None) or error.orig
    return str(cause).splitlines()[0]

"""Errors of commands, each as a message that says what to do."""

import socket

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from qgp.embedded import EmbeddedError
from qgp.kit.errors import DomainError
from qgp.migrations import MigrationLockError
from qgp.settings import ConfigurationError

_NO_TABLE, _NO_DATABASE, _LOGIN_REFUSED = "42P01", "3D000", ("28000", "28P01")
_MESSAGES = {
    _NO_TABLE: "The database has not been migrated. Run: qgp migrate",
    _NO_DATABASE: "The database of DATABASE_URL does not exist on the server. Create it.",
    **dict.fromkeys(
        _LOGIN_REFUSED,
        "The server does not accept user and password of DATABASE_URL. Correct them.",
    ),
}
_DATA_ERRORS = ("22", "23")  # SQLSTATE classes: data exception, integrity constraint violation


class CommandFailed(Exception):
    """A command failed; the message says why and what to do."""


EXPECTED = (ConfigurationError, EmbeddedError, CommandFailed, MigrationLockError, DomainError)
FAILURES = (*EXPECTED, SQLAlchemyError, OSError)


def describe_error(error: Exception) -> str:
    """Return the message of an error, without a statement or its values."""
    if isinstance(error, DomainError):
        return ": ".join([*([".".join(error.path)] if error.path else []), error.message])
    if isinstance(error, EXPECTED):
        return str(error)
    if isinstance(error, SQLAlchemyError):
        return _describe_database_error(error)
    if isinstance(error, ConnectionError | TimeoutError | socket.gaierror):
        return f"The database does not answer: {error}. Check DATABASE_URL and the server."
    return str(error)


def describe_migration_error(error: Exception) -> str:
    """Return the message of an error of a migration."""
    if isinstance(error, DBAPIError) and _state(error)[:2] in _DATA_ERRORS:
        return (
            f"Rows of the database violate this migration: {_first_line(error)}. Nothing was "
            "changed. Change or remove these rows, then migrate again."
        )
    return describe_error(error)


def _describe_database_error(error: SQLAlchemyError) -> str:
    if not isinstance(error, DBAPIError):
        return f"The database cannot be used ({type(error).__name__}). Check DATABASE_URL."
    state = _state(error)
    return _MESSAGES.get(state, f"The database refused a statement ({state}): {_first_line(error)}")


def _state(error: DBAPIError) -> str:
    return str(getattr(error.orig, "sqlstate", None))


def _first_line(error: DBAPIError) -> str:
    """Return the server's message without the driver's class and without row values."""
    cause = getattr(error.orig, "__cause__", None) or error.orig
    return str(cause).splitlines()[0]

"""What the commands have in common: one tree, progress, and failures told in a sentence."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from typer.core import TyperGroup

from qgp.embedded import EmbeddedError
from qgp.kit.errors import DomainError
from qgp.settings import ConfigurationError

_NO_TABLE, _NO_DATABASE, _NOT_LET_IN = "42P01", "3D000", ("28000", "28P01")
_REMEDIES = {
    _NO_TABLE: "The database has not been migrated. Run: qgp migrate",
    _NO_DATABASE: "DATABASE_URL: this database does not exist on the server.",
    **dict.fromkeys(_NOT_LET_IN, "DATABASE_URL: the server does not accept user and password."),
}


class Failure(Exception):
    """A command cannot do what was asked; the text tells a person why."""


class Commands(TyperGroup):
    """A tree of commands that fail with a sentence and exit code 1, never with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except (ConfigurationError, EmbeddedError, Failure, CommandError) as error:
            told = str(error)
        except DomainError as error:
            told = ": ".join([*([".".join(error.path)] if error.path else []), error.message])
        except SQLAlchemyError as error:
            told = _about_database(error)
        except BrokenPipeError:
            raise
        except (ConnectionError, TimeoutError, socket.gaierror) as error:
            told = f"The database does not answer: {error}"
        except OSError as error:
            told = str(error)
        typer.echo(told, err=True)
        raise typer.Exit(1)


def tree(about: str) -> typer.Typer:
    """Return an empty tree of commands; plain text, for logs and terminals alike."""
    return typer.Typer(
        cls=Commands,
        help=about,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


@contextmanager
def step(what: str) -> Iterator[None]:
    """Say on standard error what is under way, then how long it took."""
    begun = time.perf_counter()
    sys.stderr.write(f"{what} …")
    sys.stderr.flush()
    try:
        yield
    except BaseException:
        sys.stderr.write("\n")
        raise
    sys.stderr.write(f" {time.perf_counter() - begun:.1f} s\n")
    sys.stderr.flush()


def dots() -> Callable[[float], None]:
    """Return what shows how far a step is, 0 to 1: a dot on standard error for each tenth."""
    shown = 0

    def show(share: float) -> None:
        nonlocal shown
        while shown < int(share * 10):
            shown += 1
            sys.stderr.write(".")
            sys.stderr.flush()

    return show


def _about_database(error: SQLAlchemyError) -> str:
    """Say what to do; never repeat a statement or its values."""
    if not isinstance(error, DBAPIError):
        return f"The database cannot be used ({type(error).__name__})."
    state = str(getattr(error.orig, "sqlstate", None))
    return _REMEDIES.get(state, f"The database refuses ({state}): {error.orig}".splitlines()[0])

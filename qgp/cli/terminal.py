"""Terminal output of all commands: command groups, progress and error messages."""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer
from typer.core import TyperGroup

from qgp.cli.errors import FAILURES, describe_error


class Commands(TyperGroup):
    """Group of commands that fail with a message and exit code 1, never with a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise
        except FAILURES as error:
            message = describe_error(error)
        typer.echo(message, err=True)
        raise typer.Exit(1)


def command_group(about: str) -> typer.Typer:
    """Return an empty group of commands; its output is plain text."""
    return typer.Typer(
        cls=Commands,
        help=about,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )


@contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGTERM end the block as Ctrl-C does: in order, with exit code 0."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def step(what: str) -> Iterator[None]:
    """Print on standard error what is running, then how long it took."""
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
    """Return a function that prints a dot on standard error for each tenth of a step's progress."""
    shown = 0

    def show(share: float) -> None:
        nonlocal shown
        while shown < int(share * 10):
            shown += 1
            sys.stderr.write(".")
            sys.stderr.flush()

    return show

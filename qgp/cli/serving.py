"""Server commands: `qgp serve` and `qgp worker` for operators, `qgp dev` for development."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from functools import partial
from threading import Thread
from typing import Annotated

import typer
import uvloop

from qgp import demo, schema
from qgp.cli import maintenance
from qgp.cli.context import opened, with_database
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import interruptible
from qgp.embedded import alone_at_terminal
from qgp.http import ide, logging, server
from qgp.http.ide import build
from qgp.settings import Settings, settings

BuildIde = Annotated[
    bool,
    typer.Option("--build-ide", help="Build missing files of the IDE in the background."),
]


def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Number of worker processes.")] = 1,
) -> None:
    """Serve at HOST and PORT until SIGTERM, and log JSON."""
    with with_database() as settings:
        code = _serve(settings, "qgp.app:create_app", log_json, workers=workers)
    raise typer.Exit(code)


def worker() -> None:
    """Execute background work until SIGTERM, beside processes that serve with WORKER=separate."""
    with interruptible(), with_database() as settings:
        log_json()
        uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    """Execute background work until the process is told to end."""
    async with opened(settings) as application:
        working = asyncio.ensure_future(application.background_work.run(works=True))
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, working.cancel)
        with suppress(asyncio.CancelledError):
            await working


def dev(bare: maintenance.Bare = False, build_ide: BuildIde = False) -> None:
    """Serve for development, the demo seeded, until Ctrl-C."""
    demo.refuse_in_production(settings())
    _require_free_port(settings())
    building = _start_building(settings())
    code = 0
    with interruptible(), alone_at_terminal(), with_database() as current:
        maintenance.migrate_now()
        building.join()
        maintenance.seed_now(years=0 if bare else demo.YEARS)
        is_missing = build_ide and not build.is_current()
        typer.echo(_greeting(current, is_ide_to_come=is_missing))
        with _building_ide() if is_missing else nullcontext():
            code = _serve(current, "qgp.demo:create_app", log_text)
    raise typer.Exit(code)


def log_json() -> None:
    """Set up the logs that `serve` writes; called in each process."""
    current = settings()
    logging.configure(level=current.log_level, echo=current.database_echo)


def log_text() -> None:
    """Set up the logs that `dev` writes."""
    current = settings()
    logging.configure(level=current.log_level, as_json=False, echo=current.database_echo)


def _serve(
    settings: Settings, factory: str, configure_logging: Callable[[], None], *, workers: int = 1
) -> int:
    return server.serve(
        factory,
        host=settings.host,
        port=settings.port,
        workers=workers,
        header_seconds=settings.header_seconds,
        idle_seconds=settings.idle_seconds,
        stop_seconds=settings.stop_seconds,
        message_bytes=settings.limits.socket_message_bytes,
        trusted_proxies=settings.trusted_proxies,
        configure_logging=configure_logging,
    )


def _start_building(settings: Settings) -> Thread:
    """Build the schema, which takes a second or two, while the database starts and migrates."""
    build = partial(schema.build, settings.limits, introspection=settings.introspection)
    thread = Thread(target=build, daemon=True)  # whose end no interruption waits for
    thread.start()
    return thread


@contextmanager
def _building_ide() -> Iterator[None]:
    """Build the files of the IDE in another process, which ends with the block."""
    command = [sys.executable, "-m", build.__name__]
    # A group of its own, with npm in it, which Ctrl-C at the terminal does not reach.
    with subprocess.Popen(command, process_group=0) as builder:  # noqa: S603 - our own module
        try:
            yield
        finally:
            if builder.poll() is None:
                os.killpg(builder.pid, signal.SIGTERM)


def _require_free_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        message = f"Cannot listen at {settings.host}, port {settings.port}: {error.strerror}."
        raise CommandFailed(f"{message} Choose another port: PORT=8001 make run") from None


def _greeting(settings: Settings, *, is_ide_to_come: bool) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"
    built = "" if ide.is_built() else f"   (not built yet: {ide.COMMAND})"
    if is_ide_to_come:
        built = "   (being built, ready in some seconds)"
    mail = "" if settings.smtp_host else f"\n  Mail      {address}/dev/mail"
    logins = "\n".join(f"  {login.email}" for login in demo.LOG_INS if login.organization == "demo")
    return f"""
  GraphQL   {address}/graphql
  IDE       {address}/graphql/ide{built}
  Schema    {address}/schema.graphql{mail}

Sign in with the password {demo.PASSWORD} as one of
{logins}
and at a second organization likewise: owner@rival.example, …

Ctrl-C ends everything; the data stay.
"""

"""`qgp serve` for operators, `qgp dev` for everybody else."""

import socket
from collections.abc import Callable
from typing import Annotated

import typer

from qgp import demo
from qgp.cli import upkeep
from qgp.cli.failures import Failure
from qgp.cli.place import with_database
from qgp.cli.terminal import interruptible
from qgp.embedded import alone_at_terminal
from qgp.http import ide, logging, server
from qgp.settings import Settings, settings


def serve(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes to serve with.")] = 1,
) -> None:
    """Serve at HOST and PORT until SIGTERM, and log JSON."""
    with with_database() as found:
        code = _serve(found, "qgp.app:create_app", log_json, workers=workers)
    raise typer.Exit(code)


def dev(bare: upkeep.Bare = False) -> None:
    """Serve for development, the demo seeded, until Ctrl-C."""
    demo.refuse_in_production(settings())
    _refuse_taken_port(settings())
    code = 0
    with interruptible(), alone_at_terminal(), with_database() as found:
        upkeep.migrate_now()
        upkeep.seed_now(years=0 if bare else demo.YEARS)
        typer.echo(_greeting(found))
        code = _serve(found, "qgp.demo:create_app", log_text)
    raise typer.Exit(code)


def log_json() -> None:
    """Set up the logs that `serve` writes; called in each process."""
    found = settings()
    logging.configure(level=found.log_level, echo=found.database_echo)


def log_text() -> None:
    """Set up the logs that `dev` writes."""
    found = settings()
    logging.configure(level=found.log_level, as_json=False, echo=found.database_echo)


def _serve(
    found: Settings, factory: str, configure_logging: Callable[[], None], *, workers: int = 1
) -> int:
    return server.serve(
        factory,
        host=found.host,
        port=found.port,
        workers=workers,
        header_seconds=found.header_seconds,
        idle_seconds=found.idle_seconds,
        stop_seconds=found.stop_seconds,
        trusted_proxies=found.trusted_proxies,
        configure_logging=configure_logging,
    )


def _refuse_taken_port(found: Settings) -> None:
    family = socket.AF_INET6 if ":" in found.host else socket.AF_INET
    try:
        socket.create_server((found.host, found.port), family=family).close()
    except OSError as error:
        told = f"Cannot listen at {found.host}, port {found.port}: {error.strerror}."
        raise Failure(f"{told} Choose another, as in: PORT=8001 make run") from None


def _greeting(found: Settings) -> str:
    host = f"[{found.host}]" if ":" in found.host else found.host
    address = f"http://{host}:{found.port}"
    built = "" if (ide.DIST / "graphiql.js").exists() else f"   (not built yet: {ide.COMMAND})"
    logins = "\n".join(f"  {login.email}" for login in demo.LOG_INS if login.organization == "demo")
    return f"""
  GraphQL   {address}/graphql
  IDE       {address}/graphql/ide{built}
  Schema    {address}/schema.graphql

Sign in with the password {demo.PASSWORD} as one of
{logins}
and at a second organization likewise: owner@rival.example, …

Ctrl-C ends everything; the data stay.
"""

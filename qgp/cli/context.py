"""Where a command works: the database of DATABASE_URL, else the embedded one."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
import uvloop
from sqlalchemy.exc import SQLAlchemyError

from qgp.app import Application
from qgp.cli.errors import CommandFailed
from qgp.embedded import Server, default_data_dir, join
from qgp.kit.errors import DomainError
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.work import Work, operating
from qgp.organizations import service as organizations
from qgp.pools import create_engine
from qgp.settings import Settings, keep_secrets, settings

T = TypeVar("T")
Slug = Annotated[str | None, typer.Option("--organization", help="Its slug.")]
Everyone = Annotated[bool, typer.Option("--all-organizations", help="In every organization.")]


@contextmanager
def with_database() -> Iterator[Settings]:
    """Give settings that have a database and secrets, the embedded server's for the block.

    What is missing goes into the environment, where migrations and worker processes look.

    Raises:
        ConfigurationError: the settings are refused.
        EmbeddedError: there is no DATABASE_URL, and no embedded server to be had.
    """
    current = settings()
    folder = current.qgp_data_dir or default_data_dir()
    if not current.is_production:
        _lend_secrets(current, folder)
    if current.database_url is not None:
        yield settings()
        return
    with join(folder) as server:
        yield _at(server)


def run(act: Callable[[Application], Awaitable[T]]) -> T:
    """Do something with the application, its database found or started."""
    with with_database() as settings:
        return uvloop.run(_run(settings, act))


async def _run(settings: Settings, act: Callable[[Application], Awaitable[T]]) -> T:
    async with opened(settings) as application:
        return await act(application)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Application]:
    """Give the application without its server."""
    engine = create_engine(settings)
    try:
        yield Application.of(settings, engine)
    finally:
        await engine.dispose()


@asynccontextmanager
async def operator(
    application: Application, slug: str, action: OperatorAction
) -> AsyncIterator[Work]:
    """Open a unit of work in the organization of a slug."""
    organization = await organization_id(application, slug)
    async with operating(application.database, organization, action) as work:
        yield work


async def organization_id(application: Application, slug: str) -> UUID:
    """Return the id of an organization.

    Raises:
        Failure: there is none of that slug.
    """
    organization = await organizations.named(application.database, slug)
    if organization is None:
        raise CommandFailed(
            f"There is no organization {slug}. Make it with: qgp organization create"
        )
    return organization.id


async def for_each(
    application: Application,
    slug: str | None,
    everyone: bool,
    act: Callable[[str], Awaitable[str]],
) -> None:
    """Act in one organization or in all, and print what `act` says of each.

    Where it fails in one, the others have their turn all the same.

    Raises:
        Failure: neither a slug nor all was asked for, or both were; or it failed somewhere.
    """
    if (slug is None) != everyone:
        raise CommandFailed("Say where: --organization SLUG, or --all-organizations.")
    if slug is not None:
        typer.echo(await act(slug))
        return
    failed = []
    for organization in await organizations.every(application.database):
        try:
            typer.echo(f"{organization.slug}: {await act(organization.slug)}")
        except (CommandFailed, DomainError, SQLAlchemyError) as error:
            typer.echo(f"{organization.slug}: {error}", err=True)
            failed.append(organization.slug)
    if failed:
        raise CommandFailed(f"Not done in {', '.join(failed)}.")


def _lend_secrets(current: Settings, folder: Path) -> None:
    if current.secret_key is None or current.jwt_secret_key is None:
        for name, key in keep_secrets(folder).items():
            os.environ[name] = os.environ.get(name) or key
        settings.cache_clear()


def _at(server: Server) -> Settings:
    os.environ["DATABASE_URL"] = server.url()
    settings.cache_clear()
    return settings()

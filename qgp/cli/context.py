"""Application and database of a command: that of DATABASE_URL, else the embedded server."""

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
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.work import Work
from qgp.organizations import service as organizations
from qgp.pools import create_engine
from qgp.settings import Settings, keep_secrets, settings

T = TypeVar("T")
Slug = Annotated[str | None, typer.Option("--organization", help="Slug of the organization.")]
Everyone = Annotated[bool, typer.Option("--all-organizations", help="Run in every organization.")]


@contextmanager
def with_database() -> Iterator[Settings]:
    """Open settings with a database and secrets; the embedded server runs within the block.

    Missing settings are set in the environment, which migrations and worker processes read.

    Raises:
        ConfigurationError: a setting is invalid.
        EmbeddedError: DATABASE_URL is not set, and the embedded server cannot be started.
    """
    current = settings()
    folder = current.qgp_data_dir or default_data_dir()
    if not current.is_production:
        _set_secrets(current, folder)
    if current.database_url is not None:
        yield settings()
        return
    with join(folder) as server:
        yield _connect(server)


def run(act: Callable[[Application], Awaitable[T]]) -> T:
    """Run a coroutine function with the application."""
    with with_database() as settings:
        return uvloop.run(_run(settings, act))


async def _run(settings: Settings, act: Callable[[Application], Awaitable[T]]) -> T:
    async with opened(settings) as application:
        return await act(application)


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Application]:
    """Open the application without serving."""
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
        CommandFailed: no organization has that slug.
    """
    organization = await organizations.by_slug(application.database, slug)
    if organization is None:
        raise CommandFailed(
            f"There is no organization {slug}. Create it with: qgp organization create"
        )
    return organization.id


async def for_each(
    application: Application,
    slug: str | None,
    everyone: bool,
    act: Callable[[str], Awaitable[str]],
) -> None:
    """Act in one organization or in all, and print the result of each.

    A failure in one organization does not stop the others.

    Raises:
        CommandFailed: not exactly one of slug and all was chosen, or `act` failed somewhere.
    """
    if (slug is None) != everyone:
        raise CommandFailed("Choose one of --organization SLUG and --all-organizations.")
    if slug is not None:
        typer.echo(await act(slug))
        return
    failed = []
    for organization in await organizations.all_organizations(application.database):
        try:
            typer.echo(f"{organization.slug}: {await act(organization.slug)}")
        except (CommandFailed, DomainError, SQLAlchemyError) as error:
            typer.echo(f"{organization.slug}: {error}", err=True)
            failed.append(organization.slug)
    if failed:
        raise CommandFailed(f"Failed in {', '.join(failed)}. See the messages above.")


def _set_secrets(current: Settings, folder: Path) -> None:
    if current.secret_key is None or current.jwt_secret_key is None:
        for name, key in keep_secrets(folder).items():
            os.environ[name] = os.environ.get(name) or key
        settings.cache_clear()


def _connect(server: Server) -> Settings:
    os.environ["DATABASE_URL"] = server.url()
    settings.cache_clear()
    return settings()

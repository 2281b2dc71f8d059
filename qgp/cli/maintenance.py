"""Maintenance commands: migrations, demo data, schema file and settings."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from qgp import demo, garbage_collection, migrations, schema
from qgp.cli.context import run, with_database
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import command_group, dots, interruptible, step
from qgp.files.config import Files
from qgp.files.disk import Disk
from qgp.settings import Settings, settings

SDL = Path("schema/schema.graphql")

Bare = Annotated[bool, typer.Option("--bare", help="Create only organizations and users.")]
Years = Annotated[int, typer.Option(min=1, max=10, help="Years of history.")]

seeding = command_group("Demo data.")
schemas = command_group("The GraphQL schema.")
configuration = command_group("The settings.")


def migrate() -> None:
    """Migrate the database to the newest revision."""
    with with_database():
        migrate_now()


def migrate_now() -> None:
    """Migrate the database that the environment names.

    Raises:
        CommandFailed: alembic refuses.
    """
    from alembic import command, util  # noqa: PLC0415 - only a process that migrates needs alembic

    with step("Migrating the database"):
        try:
            command.upgrade(migrations.config(), "head")
        except util.CommandError as error:
            raise CommandFailed(str(error)) from None


@seeding.command("demo")
def seed_demo(years: Years = demo.YEARS, bare: Bare = False) -> None:
    """Create the demo's organizations, unless they exist. Refused in production."""
    demo.refuse_in_production(settings())
    with interruptible(), with_database():
        seed_now(years=0 if bare else years)


def seed_now(*, years: int) -> None:
    """Create what is missing of the demo in the database that the environment names.

    Args:
        years: years of history; 0 for organizations and users alone.
    """
    if years:
        require_writable_files(settings())
    garbage_collection.freeze_loaded()
    with step("Creating the demo"):
        run(
            lambda application: demo.seed(
                application.database, application.services.files, years=years, report=dots()
            )
        )


def require_writable_files(settings: Settings) -> None:
    """Check that the folder of the files can be written.

    Raises:
        CommandFailed: the folder cannot be written.
    """
    storage = Files.of(settings).storage
    if not isinstance(storage, Disk):
        return
    try:
        storage.incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=storage.incoming):
            pass
    except OSError as error:
        message = f"The folder {storage.folder} cannot be written: {error.strerror}."
        raise CommandFailed(f"{message} Set QGP_FILES_DIR to a writable folder.") from None


@schemas.command("export")
def export(
    to: Annotated[Path, typer.Option(help="File to write.")] = SDL,
    check: Annotated[
        bool, typer.Option("--check", help="Only compare; fail if the file is stale.")
    ] = False,
) -> None:
    """Write the schema as text, sorted, so that a diff shows what changed."""
    text = schema.sdl(schema.build())
    if not check:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
    elif not to.exists() or to.read_text(encoding="utf-8") != text:
        raise CommandFailed(f"{to} differs from the schema of the code. Run: make schema")


@configuration.command("check")
def check_configuration() -> None:
    """Check the settings as a process would, and print those that are no secrets."""
    current = settings()
    for line in _shown(current):
        typer.echo(line)
    typer.echo(f"This configuration is valid for {current.app_env.value}.")


def _shown(settings: Settings) -> Iterator[str]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if name == "jwt_previous_keys":
            value = f"{len(value)} keys"
        elif isinstance(value, SecretStr):
            value = "is set"
        elif isinstance(value, tuple):
            value = ", ".join(value)
        yield f"{name.upper()}: {'is not set' if value is None else value}"

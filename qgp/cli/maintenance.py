"""Commands that keep a database, the schema's file and the settings in order."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from alembic import command
from pydantic import SecretStr

from qgp import demo, garbage_collection, migrations, schema
from qgp.cli.context import run, with_database
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import command_group, dots, interruptible, step
from qgp.files.disk import Disk
from qgp.files.place import Files
from qgp.settings import Settings, settings

SDL = Path("schema/schema.graphql")

Bare = Annotated[bool, typer.Option("--bare", help="Organizations and users alone.")]
Years = Annotated[int, typer.Option(min=1, max=10, help="Years of history.")]

seeding = command_group("Put data into the database.")
schemas = command_group("The GraphQL schema.")
configuration = command_group("The settings.")


def migrate() -> None:
    """Bring the database to the newest migration."""
    with with_database():
        migrate_now()


def migrate_now() -> None:
    """Migrate the database that the environment names."""
    with step("Migrating the database"):
        command.upgrade(migrations.config(), "head")


@seeding.command("demo")
def seed_demo(years: Years = demo.YEARS, bare: Bare = False) -> None:
    """Add the demo's organizations, once; refused in production. A signal ends it at once."""
    demo.refuse_in_production(settings())
    with interruptible(), with_database():
        seed_now(years=0 if bare else years)


def seed_now(*, years: int) -> None:
    """Add what is missing of the demo to the database that the environment names.

    Args:
        years: of history; 0 for organizations and users alone.
    """
    if years:
        refuse_unwritable_files(settings())
    garbage_collection.freeze_loaded()
    with step("Filling the demo"):
        run(lambda it: demo.seed(it.database, it.services.files, years=years, tell=dots()))


def refuse_unwritable_files(settings: Settings) -> None:
    """Refuse to begin what will keep files where none can be written.

    Raises:
        Failure: the folder cannot be written.
    """
    storage = Files.of(settings).storage
    if not isinstance(storage, Disk):
        return
    try:
        storage.incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=storage.incoming):
            pass
    except OSError as error:
        message = f"The folder {storage.folder} cannot keep files: {error.strerror}."
        raise CommandFailed(
            f"{message} Set QGP_FILES_DIR to a folder that can be written."
        ) from None


@schemas.command("export")
def export(
    to: Annotated[Path, typer.Option(help="The file.")] = SDL,
    check: Annotated[bool, typer.Option("--check", help="Only compare; fail if stale.")] = False,
) -> None:
    """Write the schema as text, sorted, so that a diff shows what changed."""
    text = schema.sdl(schema.build())
    if not check:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
    elif not to.exists() or to.read_text(encoding="utf-8") != text:
        raise CommandFailed(f"{to} is not what the code says. Run: make schema")


@configuration.command("check")
def check_configuration() -> None:
    """Read the settings as a process would, and show those that are no secrets."""
    current = settings()
    for line in _shown(current):
        typer.echo(line)
    typer.echo(f"This configuration is fit for {current.app_env.value}.")


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

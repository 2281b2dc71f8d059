"""Backup commands: `qgp backup drill` proves that a dump can be restored."""

import asyncio
import tempfile
from pathlib import Path

import typer

from qgp.backup import BackupFailed, Drill, Outcome, Programs
from qgp.cli.context import with_database
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import command_group, step
from qgp.embedded import temporary
from qgp.settings import Settings

backups = command_group("Backups.")


@backups.command("drill")
def drill() -> None:
    """Dump the database, restore it to an empty cluster, compare both, and verify the audit trails.

    The cluster is a temporary one on this machine. The database is not changed.
    """
    with with_database() as settings, step("Dumping, restoring and comparing"):
        outcome = _drilled(settings)
    typer.echo(
        f"The restored database is equal: {outcome.rows:,} rows in {outcome.tables} tables, "
        f"{outcome.organizations} audit trails intact, and an application would be ready on it.\n"
        f"The dump has {outcome.size_bytes / 1e6:,.1f} MB; all of it took {outcome.seconds:.1f} s."
    )


def _drilled(settings: Settings) -> Outcome:
    url = settings.database_migration_url or settings.database_url
    if url is None:
        raise CommandFailed("DATABASE_URL is not set. Set it to the database to dump.")
    try:
        with temporary() as server, tempfile.TemporaryDirectory(prefix="qgp-drill-") as name:
            programs = Programs(server.binaries.folder)
            exercise = Drill(url.get_secret_value(), server.url("postgres"), programs, Path(name))
            return asyncio.run(exercise.run())
    except BackupFailed as failure:
        raise CommandFailed(str(failure)) from None

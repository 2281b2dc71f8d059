"""Maintenance of the file storage: `qgp files`."""

from typing import Annotated

import typer

from qgp.app import Application
from qgp.attachments.commands.attachment_storage import SweepResult, clear_drafts, sweep
from qgp.cli.context import Slug, organization_id, run
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import command_group, step
from qgp.files.storage import StorageUnavailable

files = command_group("Files that belong to records.")


@files.command("sweep")
def sweeping(
    slug: Slug = None,
    everyone: Annotated[
        bool,
        typer.Option(
            "--all-organizations", help="In every organization that has a file; the default."
        ),
    ] = False,
) -> None:
    """Remove uploads announced more than a day ago without a file, and files of no attachment."""
    if slug is not None and everyone:
        raise CommandFailed("Choose one of --organization SLUG and --all-organizations.")

    async def act(application: Application) -> tuple[SweepResult, int]:
        files, swept = application.services.files, SweepResult()
        if files.storage is None:
            raise CommandFailed(
                "No file storage is configured. Set QGP_FILES_DIR or QGP_S3_BUCKET."
            )
        try:
            if slug is not None:
                owners = [await organization_id(application, slug)]
            else:
                owners = list(await files.storage.organizations())
            for owner_id in owners:
                swept += await sweep(files, application.database, owner_id)
            return swept, clear_drafts(files.storage)
        except StorageUnavailable as failure:
            cause = failure.__cause__ or "it refuses access"
            raise CommandFailed(
                f"The file storage cannot be used: {cause}. Check QGP_FILES_DIR or QGP_S3_BUCKET."
            ) from None

    with step("Sweeping files"):
        swept, drafts = run(act)
    removed = f"{swept.uploads} uploads without a file, {swept.files} files, {drafts} drafts"
    typer.echo(f"Removed: {removed}.")

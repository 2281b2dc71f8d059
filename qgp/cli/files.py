"""Commands that keep the place for files in order."""

from typing import Annotated

import typer

from qgp.app import Application
from qgp.attachments.commands.attachment_storage import Swept, clear_drafts, sweep
from qgp.cli.context import Slug, organization_id, run
from qgp.cli.errors import CommandFailed
from qgp.cli.terminal import command_group, step
from qgp.files.storage import StorageAway

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
    """Remove what was promised more than a day ago and never came, and bytes that no row names."""
    if slug is not None and everyone:
        raise CommandFailed("Say where: --organization SLUG, or --all-organizations.")

    async def act(application: Application) -> tuple[Swept, int]:
        place, swept = application.services.files, Swept()
        if place.storage is None:
            raise CommandFailed("There is no place for files. Set QGP_FILES_DIR or QGP_S3_BUCKET.")
        try:
            if slug is not None:
                owners = [await organization_id(application, slug)]
            else:
                owners = list(await place.storage.organizations())
            for own in owners:
                swept += await sweep(place, application.database, own)
            return swept, clear_drafts(place.storage)
        except StorageAway as failure:
            told = failure.__cause__ or "it refuses us"
            raise CommandFailed(f"The place for files does not answer: {told}") from None

    with step("Sweeping files"):
        swept, drafts = run(act)
    told = f"{swept.promises} uploads that never came, {swept.files} files, {drafts} drafts"
    typer.echo(f"Removed: {told}.")

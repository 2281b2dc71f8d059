"""Commands that do what a day brings to the register of CAPAs."""

from typing import Annotated

import typer

from qgp.app import Application
from qgp.capas import progress
from qgp.cli.place import operator, run
from qgp.cli.terminal import step, tree

capas = tree("The register of CAPAs.")


@capas.command("recheck")
def recheck(
    slug: Annotated[str, typer.Option("--organization", help="Its slug.")],
) -> None:
    """Begin another round of the CAPAs whose problem was found again; made to be run once a day."""

    async def act(application: Application) -> list[str]:
        async with operator(application, slug, "capasRecheck") as work:
            return [capa.reference for capa in await progress.recheck(work)]

    with step("Looking for problems that came again"):
        failed = run(act)
    typer.echo(f"Not effective: {', '.join(failed) or 'none'}.")

"""Commands that do what a day brings to the register of findings."""

from typing import Annotated

import typer

from qgp.app import Application
from qgp.cli.place import operator, run
from qgp.cli.terminal import step, tree
from qgp.findings import progress

findings = tree("The register of findings.")


@findings.command("expire")
def expire(
    slug: Annotated[str, typer.Option("--organization", help="Its slug.")],
) -> None:
    """Open the findings again whose concession has ended; made to be run once a day."""

    async def act(application: Application) -> list[str]:
        async with operator(application, slug, "findingsExpire") as work:
            return [finding.reference for finding in await progress.expire(work)]

    with step("Looking for concessions that have ended"):
        ended = run(act)
    typer.echo(f"Open again: {', '.join(ended) or 'none'}.")

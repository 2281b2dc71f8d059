"""Commands that do what a day brings to the registers; made to be run once a day."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

import typer

from qgp.app import Application
from qgp.capas.progress import recheck
from qgp.cli.place import operator, run
from qgp.cli.terminal import step, tree
from qgp.findings.progress import expire
from qgp.kit.work import Work

findings = tree("The register of findings.")
capas = tree("The register of CAPAs.")

Slug = Annotated[str, typer.Option("--organization", help="Its slug.")]


@findings.command("expire")
def expire_concessions(slug: Slug) -> None:
    """Open the findings again whose concession has ended; made to be run once a day."""
    with step("Looking for concessions that have ended"):
        ended = _found(slug, "findingsExpire", expire)
    typer.echo(f"Open again: {ended}.")


@capas.command("recheck")
def recheck_effects(slug: Slug) -> None:
    """Begin another round of the CAPAs whose problem was found again; made to be run once a day."""
    with step("Looking for problems that came again"):
        failed = _found(slug, "capasRecheck", recheck)
    typer.echo(f"Not effective: {failed}.")


def _found(slug: str, action: str, look: Callable[[Work], Awaitable[Sequence[Any]]]) -> str:
    """Let the operator look in an organization, and name the records that it changed."""

    async def act(application: Application) -> list[str]:
        async with operator(application, slug, action) as work:
            return [row.reference for row in await look(work)]

    return ", ".join(run(act)) or "none"

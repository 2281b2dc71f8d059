"""Commands that do what a day brings to the registers; made to be run once a day."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Annotated, Any

import typer

from qgp.app import Application
from qgp.capas.progress import recheck
from qgp.cli.place import operator, run
from qgp.cli.terminal import step, tree
from qgp.findings.progress import expire
from qgp.kit.security_log import expire as expire_security_log
from qgp.kit.work import Work
from qgp.settings import settings

findings = tree("The register of findings.")
capas = tree("The register of CAPAs.")
security_log = tree("The security log of an organization.")

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


@security_log.command("expire")
def expire_events(slug: Slug) -> None:
    """Remove the events that are older than SECURITY_LOG_DAYS; made to be run once a day."""
    retention = timedelta(days=settings().security_log_days)

    async def act(application: Application) -> int:
        async with operator(application, slug, "securityLogExpire") as work:
            return await expire_security_log(work.session, retention)

    with step("Looking for old events of the security log"):
        removed = run(act)
    typer.echo(f"Removed: {removed} events.")


def _found(slug: str, action: str, look: Callable[[Work], Awaitable[Sequence[Any]]]) -> str:
    """Let the operator look in an organization, and name the records that it changed."""

    async def act(application: Application) -> list[str]:
        async with operator(application, slug, action) as work:
            return [row.reference for row in await look(work)]

    return ", ".join(run(act)) or "none"

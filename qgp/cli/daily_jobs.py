"""Daily jobs: commands to run once a day, such as expiring concessions."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

from qgp.app import Application
from qgp.capas.commands.transitions import record_recurrences
from qgp.cli.context import Everyone, Slug, for_each, operator, run
from qgp.cli.terminal import command_group, step
from qgp.findings.commands.transitions import expire
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.security_log import expire as expire_security_log
from qgp.kit.work import Work
from qgp.settings import settings

findings = command_group("The register of findings.")
capas = command_group("The register of CAPAs.")
security_log = command_group("The security log of an organization.")


@findings.command("expire")
def expire_concessions(slug: Slug = None, everyone: Everyone = False) -> None:
    """Reopen the findings whose concession has expired. Run it once a day."""
    with step("Looking for expired concessions"):
        _daily(
            slug,
            everyone,
            OperatorAction.FINDINGS_EXPIRE,
            lambda work: _named("Reopened", expire(work)),
        )


@capas.command("recheck")
def recheck_effects(slug: Slug = None, everyone: Everyone = False) -> None:
    """Record CAPAs as ineffective whose problem has recurred. Run it once a day."""
    with step("Looking for recurred problems"):
        _daily(
            slug,
            everyone,
            OperatorAction.CAPAS_RECHECK,
            lambda work: _named("Ineffective", record_recurrences(work)),
        )


@security_log.command("expire")
def expire_events(slug: Slug = None, everyone: Everyone = False) -> None:
    """Remove the events that are older than SECURITY_LOG_DAYS. Run it once a day."""
    retention = timedelta(days=settings().security_log_days)

    async def remove(work: Work) -> str:
        return f"Removed: {await expire_security_log(work.session, retention)} events."

    with step("Looking for expired events of the security log"):
        _daily(slug, everyone, OperatorAction.SECURITY_LOG_EXPIRE, remove)


def _daily(
    slug: str | None, everyone: bool, action: OperatorAction, do: Callable[[Work], Awaitable[str]]
) -> None:
    """Run a job as the operator in one organization or in each, and print the results."""

    async def act(application: Application) -> None:
        async def inside(slug: str) -> str:
            async with operator(application, slug, action) as work:
                return await do(work)

        await for_each(application, slug, everyone, inside)

    run(act)


async def _named(what: str, changing: Awaitable[Sequence[Any]]) -> str:
    """Return the references of the changed records."""
    return f"{what}: {', '.join(row.reference for row in await changing) or 'none'}."

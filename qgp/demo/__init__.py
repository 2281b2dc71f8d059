"""The demo: one organization with a history, and one without; never in production."""

from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp

from qgp import app
from qgp.authentication.passwords import Hasher
from qgp.demo import history
from qgp.demo.calendar import ZONE
from qgp.demo.company import PUMPS, VALVES, of_role
from qgp.demo.organizations import create_organization
from qgp.files.config import Files
from qgp.http.ide import DemoLogin
from qgp.kit import clock, ids
from qgp.kit.operating import operating
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.policy import Role
from qgp.kit.services import ServicesByType
from qgp.kit.session import Database
from qgp.organizations import service as organizations
from qgp.schema import PROVIDED
from qgp.settings import ConfigurationError, Problem, Settings
from qgp.standards.commands import standards

PASSWORD: Final = "try-the-demo"  # noqa: S105 - public, as is everything here
YEARS: Final = 1  # of history, where nobody asks for more
COMPANIES: Final = {company.slug: company for company in (PUMPS, VALVES)}


def email(role: Role, slug: str) -> str:
    """Return the address of a role's user: quality-manager@demo.example."""
    return f"{of_role(role)}@{slug}.example"


LOG_INS: Final = tuple(
    DemoLogin(role.value.capitalize().replace("_", " "), slug, email(role, slug), PASSWORD)
    for slug in COMPANIES
    for role in Role
)


def create_app() -> ASGIApp:
    """Return the application; its IDE signs in with the demo's users at a click."""
    return app.create_app(LOG_INS)


def refuse_in_production(settings: Settings) -> None:
    """Refuse to seed in production: the demo's passwords are public.

    Raises:
        ConfigurationError: the settings are production's.
    """
    if settings.is_production:
        message = "is production; the demo, with its public passwords, is for development."
        raise ConfigurationError([Problem("APP_ENV", message)])


async def seed(
    database: Database,
    files: Files = Files(),  # noqa: B008  # frozen, and no place
    *,
    hasher: Hasher | None = None,
    years: int = YEARS,
    report: Callable[[float], None] = lambda _: None,
) -> bool:
    """Create the organizations of the demo that are missing; return whether any was.

    Args:
        database: to seed.
        files: storage of attachments; None for no attachments.
        hasher: of the users' password; None for a new one.
        years: of history of the first organization; 0 for users alone.
        report: called with the share that is done, 0 to 1.
    """
    missing = [slug for slug in COMPANIES if await organizations.by_slug(database, slug) is None]
    if missing:
        hashed = await (hasher or Hasher()).hash(PASSWORD)
        for slug in missing:
            async with operating(database, ids.uuid7(), OperatorAction.SEED_DEMO) as work:
                if slug == PUMPS.slug and years:
                    work.services, today = ServicesByType(files, *PROVIDED), clock.today(ZONE)
                    await history.play_history(
                        work, hashed, today=today, years=years, report=report
                    )
                else:
                    await create_organization(work, COMPANIES[slug], hashed)
                    await standards.adopt(work, family_code="ISO14001", edition="2015")
    return bool(missing)

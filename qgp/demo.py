"""The demo: two organizations to try everything with, one user for each role; never production."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp

from qgp import app
from qgp.accounts.passwords import Hasher
from qgp.accounts.service import account_for
from qgp.http.ide import DemoLogin
from qgp.kit import ids
from qgp.kit.context import Work, operating
from qgp.kit.policy import Role
from qgp.kit.session import Database
from qgp.organizations import service as organizations
from qgp.organizations.model import Department, Site
from qgp.settings import ConfigurationError, Problem, Settings
from qgp.standards import service as standards
from qgp.users.model import User, UserStatus

PASSWORD: Final = "try-the-demo"  # noqa: S105 - public, as is everything here


@dataclass(frozen=True)
class Company:
    """An organization of the demo; codes and names of its sites and departments."""

    name: str
    sites: Mapping[str, str]
    departments: Mapping[str, str]


COMPANIES: Final = {
    "demo": Company(
        "Demo Pumps GmbH",
        {"BER": "Berlin plant", "HAM": "Hamburg warehouse"},
        {"PROD": "Production", "PURCH": "Purchasing", "QA": "Quality assurance"},
    ),
    "rival": Company("Rival Valves GmbH", {"MUC": "Munich plant"}, {"PROD": "Production"}),
}


def email(role: Role, slug: str) -> str:
    """Return the address of a role's user: quality-manager@demo.example."""
    return f"{role.value.lower().replace('_', '-')}@{slug}.example"


LOG_INS: Final = tuple(
    DemoLogin(role.value.capitalize().replace("_", " "), slug, email(role, slug), PASSWORD)
    for slug in COMPANIES
    for role in Role
)


def create_app() -> ASGIApp:
    """Return the application; its IDE signs in with the demo's users at a click."""
    return app.create_app(LOG_INS)


def refuse_in_production(found: Settings) -> None:
    """Keep publicly known passwords out of production.

    Raises:
        ConfigurationError: the settings are production's.
    """
    if found.is_production:
        told = "is production; the demo, with its public passwords, is for development."
        raise ConfigurationError([Problem("APP_ENV", told)])


async def seed(database: Database) -> bool:
    """Add what is missing of the demo; return whether anything was."""
    missing = [slug for slug in COMPANIES if await organizations.named(database, slug) is None]
    if missing:
        hashed = await Hasher().hash(PASSWORD)
        for slug in missing:
            async with operating(database, ids.uuid7(), "seedDemo") as work:
                await _add(work, slug, hashed)
    return bool(missing)


async def _add(work: Work, slug: str, hashed: str) -> None:
    company = COMPANIES[slug]
    await organizations.found(work, slug=slug, name=company.name, time_zone="Europe/Berlin")
    await work.add(*[Site(code=code, name=name) for code, name in company.sites.items()])
    await work.add(
        *[Department(code=code, name=name) for code, name in company.departments.items()]
    )
    for role in Role:
        account = await account_for(work.session, email(role, slug), password_hash=hashed)
        user = User(
            account_id=account.id,
            email=account.email,
            name=role.value.replace("_", " ").title(),
            role=role,
            status=UserStatus.ACTIVE,
            access_version=1,
        )
        await work.add(user)
    await standards.adopt(work, family_code="ISO14001", edition="2015")

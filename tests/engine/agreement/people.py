"""Who asks: some of every kind of right, one of another organization, and those who get nothing."""

from dataclasses import dataclass

from qgp.kit.policy import Role
from tests.company import Company

ROLES = (Role.QUALITY_MANAGER, Role.EMPLOYEE, Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT)
SIGNED_IN = ("owner", *(role.value.lower() for role in ROLES), "rival")
OUTSIDERS = ("anonymous", "revoked", "forger")
NAMES = (*SIGNED_IN, *OUTSIDERS)
TURNS = (*SIGNED_IN * 6, *OUTSIDERS)  # there is less to learn from who gets nothing


@dataclass(frozen=True)
class Person:
    """Somebody who asks.

    Attributes:
        token: as in the `Authorization` header; None for anonymous.
    """

    name: str
    token: str | None


async def people(company: Company, rival: Company) -> dict[str, Person]:
    """Return everybody, by name."""
    tokens: dict[str, str | None] = {"owner": company.owner.token, "rival": rival.owner.token}
    for role in ROLES:
        tokens[role.value.lower()] = (await company.hire(role)).token
    tokens["anonymous"] = None
    tokens["forger"] = company.owner.token[:-8] + "AAAAAAAA"
    leaver = await company.hire(Role.OWNER)
    async with leaver.signed_in() as api:
        left = await api.ask("mutation { logout { errors { code } } }")
        assert left == {"logout": {"errors": []}}
    tokens["revoked"] = leaver.token
    return {name: Person(name, tokens[name]) for name in NAMES}

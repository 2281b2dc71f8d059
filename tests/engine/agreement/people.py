"""Callers: users of every kind of permission, one of another organization, and refused ones."""

from dataclasses import dataclass

from qgp.kit import ids
from qgp.kit.policy import Role
from tests.isolation.worlds import Worlds

STAFF = {
    "quality_manager": "kim",
    "employee": "max",
}  # of the world, who have a part in its records
HIRED = (Role.PROCESS_OWNER, Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT)
SIGNED_IN = ("owner", *STAFF, *(role.value.lower() for role in HIRED), "rival")
OUTSIDERS = ("anonymous", "revoked", "forger")
NAMES = (*SIGNED_IN, *OUTSIDERS)
TURNS = (*SIGNED_IN * 6, *OUTSIDERS)  # there is less to learn from who gets nothing


@dataclass(frozen=True)
class Person:
    """A caller.

    Attributes:
        token: as in the `Authorization` header; None for anonymous.
    """

    name: str
    token: str | None


async def people(both: Worlds) -> dict[str, Person]:
    """Return all callers, by name; the process owner is limited to a site and a department."""
    company = both.a.company
    tokens: dict[str, str | None] = {
        "owner": company.owner.token,
        "rival": both.b.company.owner.token,
    }
    tokens |= {name: both.a.people[one].token for name, one in STAFF.items()}
    place = {
        "site_id": ids.decode("sit", both.a.ids["plant"]),
        "department_id": ids.decode("dep", both.a.ids["lab"]),
    }
    for role in HIRED:
        limits = place if role is Role.PROCESS_OWNER else {}
        tokens[role.value.lower()] = (await company.hire(role, **limits)).token
    tokens["anonymous"] = None
    tokens["forger"] = company.owner.token[:-8] + "AAAAAAAA"
    leaver = await company.hire(Role.OWNER)
    async with leaver.signed_in() as api:
        left = await api.ask("mutation { logout { errors { code } } }")
        assert left == {"logout": {"errors": []}}
    tokens["revoked"] = leaver.token
    return {name: Person(name, tokens[name]) for name in NAMES}

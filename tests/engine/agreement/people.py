"""Who asks: some of every kind of right, one of another organization, and those who get nothing."""

from dataclasses import dataclass
from uuid import UUID

from qgp.kit import ids
from qgp.kit.policy import Role
from tests.company import Company
from tests.company import Person as Hired

ROLES = (
    Role.QUALITY_MANAGER,
    Role.EMPLOYEE,
    Role.PROCESS_OWNER,
    Role.EXTERNAL_AUDITOR,
    Role.SUPPLIER_CONTACT,
)
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


REPORT = """mutation { findingCreate(input: {grade: OFI, sourceType: SELF_REPORT, title: "Mine"}) {
    errors { code } } }"""


async def _report(employee: Hired) -> None:
    """Report something, as there is nothing else that an employee sees of a register."""
    async with employee.signed_in() as api:
        assert await api.ask(REPORT) == {"findingCreate": {"errors": []}}


async def _hand_out(company: Company, owner: str) -> None:
    """Give somebody something to do, as there is nothing else that an employee sees."""
    given = {"title": "Mine", "kind": "FOLLOW_UP", "dueOn": "2027-01-01", "ownerId": owner}
    async with company.owner.signed_in() as api:
        assert (await api.do("actionCreate", **given))["errors"] == []


async def _deny(employee: Hired, site: str) -> None:
    """Let somebody try what is not theirs, so that the security log has an event."""
    given = f'id: "{site}", expectedVersion: 1, name: "Mine"'
    document = f"mutation {{ siteUpdate(input: {{{given}}}) {{ errors {{ code }} }} }}"
    async with employee.signed_in() as api:
        answer = await api.send(document)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def _involve(company: Company, auditee: str) -> None:
    """Let somebody be audited, as there is nothing else that an employee sees of audits."""
    open_ = """{ audits(first: 50, filter: {status: {in: [IN_PROGRESS, FIELDWORK_DONE, IN_REVIEW]}})
        { nodes { id version } } }"""
    async with company.owner.signed_in() as api:
        for row in (await api.ask(open_))["audits"]["nodes"]:
            given = {"id": row["id"], "expectedVersion": row["version"], "auditeeIds": [auditee]}
            assert (await api.do("auditUpdate", **given))["errors"] == []


async def _place(company: Company) -> dict[str, UUID]:
    """Return a site and a department, to which a process owner's role is limited."""
    asked = """{ sites(filter: {code: {eq: "HAM"}}) { nodes { id } }
        departments(filter: {code: {eq: "PROD"}}) { nodes { id } } }"""
    async with company.owner.signed_in() as api:
        found = await api.ask(asked)
    (site,), (department,) = [found[name]["nodes"] for name in ("sites", "departments")]
    return {
        "site_id": ids.decode("sit", site["id"]),
        "department_id": ids.decode("dep", department["id"]),
    }


async def people(company: Company, rival: Company) -> dict[str, Person]:
    """Return everybody, by name."""
    tokens: dict[str, str | None] = {"owner": company.owner.token, "rival": rival.owner.token}
    for role in ROLES:
        place = await _place(company) if role is Role.PROCESS_OWNER else {}
        hired = await company.hire(role, **place)
        tokens[role.value.lower()] = hired.token
        if role is Role.EMPLOYEE:
            await _report(hired)
            await _hand_out(company, hired.id)
            await _involve(company, hired.id)
            site = (await _place(company))["site_id"]
            await _deny(hired, ids.encode("sit", site))
    tokens["anonymous"] = None
    tokens["forger"] = company.owner.token[:-8] + "AAAAAAAA"
    leaver = await company.hire(Role.OWNER)
    async with leaver.signed_in() as api:
        left = await api.ask("mutation { logout { errors { code } } }")
        assert left == {"logout": {"errors": []}}
    tokens["revoked"] = leaver.token
    return {name: Person(name, tokens[name]) for name in NAMES}

"""Organizations of the demo: sites, departments, users, and the process map."""

from qgp import new_organization
from qgp.accounts.commands.accounts import account_for
from qgp.demo.calendar import ZONE
from qgp.demo.company import LEFT, PROCESSES, Company
from qgp.demo.playback import Playback, Scenario
from qgp.kit.policy import Principal, Role
from qgp.kit.work import NOBODY, Work
from qgp.organizations.model import Department, Site
from qgp.users.model import User, UserStatus


async def create_organization(work: Work, company: Company, hashed: str) -> dict[str, Principal]:
    """Create the organization with its users, as its operator; return the users by key."""
    await new_organization.create(work, slug=company.slug, name=company.name, time_zone=ZONE)
    places = company.sites.items()
    sites = [Site(code=code, name=name, country=land) for code, (name, land) in places]
    units = company.departments.items()
    departments = [Department(code=code, name=name) for code, name in units]
    await work.add(*sites)
    await work.add(*departments)
    site_ids = {site.code: site.id for site in sites}
    department_ids = {department.code: department.id for department in departments}
    people: dict[str, Principal] = {}
    for key in sorted(company.people, key=company.level):
        member, manager = company.people[key], company.managers.get(key)
        address = f"{member.local_part}@{company.slug}.example"
        account = await account_for(work.session, address, password_hash=hashed)
        user = User(
            account_id=account.id,
            email=account.email,
            name=member.name,
            role=member.role,
            status=UserStatus.ACTIVE,
            access_version=1,
            site_id=site_ids.get(member.site or ""),
            department_id=department_ids.get(member.department or ""),
            manager_id=None if manager is None else people[manager].user_id,
        )
        await work.add(user)
        organization_id = work.caller.organization_id
        people[key] = Principal(user.id, account.id, organization_id, NOBODY, member.role, ZONE)
    return people


async def delegate_work(playback: Playback) -> Scenario:
    """Let a lead auditor who is absent for three weeks delegate the work to the other one."""
    await playback.run(
        "larsen",
        "delegationCreate",
        delegate_id=playback.people["reinhardt"].user_id,
        starts_on=playback.ahead(1),
        ends_on=playback.ahead(16),
        reason="Parental leave",
    )
    yield 0


async def set_up_organization(playback: Playback) -> Scenario:
    """Create the process map, suspend a user who left, and invite new ones."""
    for part in PROCESSES:
        process = await playback.run(
            "vogel",
            "processCreate",
            code=part.code,
            name=part.name,
            kind=part.kind,
            inputs=part.inputs,
            outputs=part.outputs,
            owner_id=playback.people[part.owner].user_id,
            department_id=playback.departments[part.department],
            parent_id=playback.processes.get(part.parent or ""),
        )
        playback.processes[part.code] = process.id
    yield 200
    former = await playback.work.get(User, playback.people[LEFT].user_id)
    await playback.transition("lindner", "userSuspend", former)
    yield 30
    for name in ("Mara Engel", "Tobias Frank", "Julia Hahn"):
        email = f"{name.lower().replace(' ', '.')}@demo.example"
        user = await playback.run(
            "lindner", "userInvite", email=email, name=name, role=Role.EMPLOYEE
        )
        if name.startswith("Tobias"):
            await playback.transition("lindner", "userInvitationWithdraw", user)
        yield 30

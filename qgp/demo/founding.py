"""How a company of the demo comes to be: organization, places, people; then who does what."""

from qgp.accounts.commands.accounts import account_for
from qgp.demo.calendar import ZONE
from qgp.demo.company import LEFT, PROCESSES, Company
from qgp.demo.stage import Stage, Story
from qgp.kit.policy import Principal, Role
from qgp.kit.work import NOBODY, Work
from qgp.organizations import service as organizations
from qgp.organizations.model import Department, Site
from qgp.users.model import User, UserStatus


async def founded(work: Work, company: Company, hashed: str) -> dict[str, Principal]:
    """Add the organization with its people, as its operator; return who they are, by key."""
    await organizations.found(work, slug=company.slug, name=company.name, time_zone=ZONE)
    places = company.sites.items()
    sites = [Site(code=code, name=name, country=land) for code, (name, land) in places]
    units = company.departments.items()
    departments = [Department(code=code, name=name) for code, name in units]
    await work.add(*sites)
    await work.add(*departments)
    site_ids = {site.code: site.id for site in sites}
    department_ids = {department.code: department.id for department in departments}
    people: dict[str, Principal] = {}
    for key, member in company.people.items():
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
        )
        await work.add(user)
        own = work.caller.organization_id
        people[key] = Principal(user.id, account.id, own, NOBODY, member.role, ZONE)
    return people


async def organized(stage: Stage) -> Story:
    """Draw the process map, and take people on or off who came and went."""
    for part in PROCESSES:
        process = await stage.act(
            "vogel",
            "processCreate",
            code=part.code,
            name=part.name,
            kind=part.kind,
            inputs=part.inputs,
            outputs=part.outputs,
            owner_id=stage.people[part.owner].user_id,
            department_id=stage.departments[part.department],
            parent_id=stage.processes.get(part.parent or ""),
        )
        stage.processes[part.code] = process.id
    yield 200
    gone = await stage.work.get(User, stage.people[LEFT].user_id)
    await stage.step("lindner", "userSuspend", gone)
    yield 30
    for name in ("Mara Engel", "Tobias Frank", "Julia Hahn"):
        email = f"{name.lower().replace(' ', '.')}@demo.example"
        user = await stage.act("lindner", "userInvite", email=email, name=name, role=Role.EMPLOYEE)
        if name.startswith("Tobias"):
            await stage.step("lindner", "userInvitationWithdraw", user)
        yield 30

from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp import demo
from qgp.app import Application
from qgp.findings.commands.default_cause_categories import CAUSES
from qgp.findings.model import CauseCategory
from qgp.http.ide import DemoLogin
from qgp.kit.audit_content import content
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.organizations import service as organizations
from tests.command_line import Command
from tests.company import client
from tests.demo.visiting import signed_in
from tests.environment import application_of, clone, settings_for

ROWS = sa.text("SELECT sum(version), count(*) FROM users")


@pytest.mark.parametrize("login", demo.LOG_INS, ids=lambda login: login.email)
async def test_every_demo_user_can_sign_in(seeded: Application, login: DemoLogin) -> None:
    async with client(seeded) as nobody:
        data = await nobody.do(
            "login",
            "viewer { user { role } organization { slug timeZone } }",
            email=login.email,
            password=login.password,
        )
    role = login.email.split("@")[0].replace("-", "_").upper()
    organization = {"slug": login.organization, "timeZone": "Europe/Berlin"}
    assert data == {
        "viewer": {"user": {"role": role}, "organization": organization},
        "errors": [],
    }


def test_there_is_a_user_for_each_role_in_both_organizations() -> None:
    assert len(demo.LOG_INS) == 2 * len(Role)
    assert {login.password for login in demo.LOG_INS} == {"try-the-demo"}
    assert demo.LOG_INS[2] == DemoLogin(
        "Quality manager", "demo", "quality-manager@demo.example", "try-the-demo"
    )


async def test_seeding_again_changes_nothing(seeded: Application) -> None:
    async with seeded.engine.connect() as connection:
        before = (await connection.execute(ROWS)).one()
    assert not await demo.seed(seeded.database)
    async with seeded.engine.connect() as connection:
        assert (await connection.execute(ROWS)).one() == before


async def test_the_newcomer_finds_four_standards_and_adopts_the_next_edition(
    seeded: Application,
) -> None:
    async with signed_in(seeded, Role.OWNER) as api:
        codes = """{ standards(filter: {origin: {eq: CATALOGUE}}) { nodes { code } } }"""
        data = (await api.ask(codes))["standards"]["nodes"]
        adopted = await api.do("standardAdopt", familyCode="ISO9001", edition="2026")
    assert [standard["code"] for standard in data] == [
        "ISO9001:2015",
        "ISO14001:2015",
        "ISO27001:2022",
        "ISO45001:2018",
    ]
    assert adopted["errors"] == []


async def test_the_rival_has_one_standard_and_no_records(seeded: Application) -> None:
    async with signed_in(seeded, Role.OWNER, "rival") as api:
        data = await api.ask(
            "{ standards { nodes { code } } findings { totalCount } audits { totalCount } }"
        )
    assert data == {
        "standards": {"nodes": [{"code": "ISO14001:2015"}]},
        "findings": {"totalCount": 0},
        "audits": {"totalCount": 0},
    }


@pytest.fixture
def created_slug(qgp: Command, worker_id: str) -> str:
    """The slug of an organization that the operator has created."""
    slug = f"bare-{worker_id}"
    names = ("--name", "Acme", "--owner-email", f"o@{slug}.example")
    assert qgp("organization", "create", "--slug", slug, *names).exit_code == 0
    return slug


async def _start(application: Application, slug: str) -> dict[str, Any]:
    """Return what an organization starts with: its settings, and the tree of causes."""
    row = await organizations.by_slug(application.database, slug)
    assert row is not None
    names = ("organization_id", "id", "name", "slug", "time_zone")
    settings = {name: value for name, value in content(row).items() if name not in names}
    wider = aliased(CauseCategory)
    tree = sa.select(CauseCategory.code, CauseCategory.name, wider.code)
    tree = tree.outerjoin(wider, wider.id == CauseCategory.parent_id).order_by(CauseCategory.code)
    async with application.database.read(Scope(row.id)) as session:
        return {"settings": settings, "causes": [tuple(c) for c in await session.execute(tree)]}


async def test_without_its_past_the_company_starts_as_every_organization_with_its_people(
    seeded: Application,
    application: Application,
    server_url: sa.URL,
    worker_id: str,
    created_slug: str,
) -> None:
    bare = application_of(settings_for(await clone(server_url, f"bare_{worker_id}")))
    assert await demo.seed(bare.database, hasher=bare.services.hasher, years=0)
    async with signed_in(bare, Role.OWNER) as api:
        data = await api.ask("{ users { totalCount } audits { totalCount } }")
    assert data == {"users": {"totalCount": 33}, "audits": {"totalCount": 0}}
    created = await _start(application, created_slug)
    assert len(created["causes"]) == len(CAUSES)
    starts = [await _start(bare, "demo")]
    starts += [await _start(seeded, company) for company in ("demo", "rival")]
    assert starts == [created] * 3
    await bare.close()


async def test_a_start_that_is_cut_off_leaves_nothing(server_url: sa.URL, worker_id: str) -> None:
    class Cut(Exception):
        """The seeding was interrupted."""

    def cut(share: float) -> None:
        if share > 0.05:
            raise Cut

    application = application_of(settings_for(await clone(server_url, f"cut_{worker_id}")))
    with pytest.raises(Cut):
        await demo.seed(application.database, report=cut)
    async with application.engine.connect() as connection:
        left = await connection.execute(sa.text("SELECT count(*) FROM audit_entries"))
        assert left.scalar_one() == 0
    await application.close()

import pytest
import sqlalchemy as sa

from qgp import demo
from qgp.app import Application
from qgp.http.ide import DemoLogin
from qgp.kit.policy import Role
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


async def test_without_its_past_the_company_is_there_with_its_people(
    server_url: sa.URL, worker_id: str
) -> None:
    application = application_of(settings_for(await clone(server_url, f"bare_{worker_id}")))
    assert await demo.seed(application.database, hasher=application.services.hasher, years=0)
    async with signed_in(application, Role.OWNER) as api:
        data = await api.ask("{ users { totalCount } audits { totalCount } }")
    await application.close()
    assert data == {"users": {"totalCount": 33}, "audits": {"totalCount": 0}}


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

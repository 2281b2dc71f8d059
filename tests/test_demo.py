from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from qgp import demo
from qgp.app import Application, create_engine
from qgp.http.ide import DemoLogin
from qgp.kit.policy import Role
from tests.company import client
from tests.environment import clone, settings_for

ROWS = sa.text("SELECT sum(version), count(*) FROM users")


@pytest.fixture(scope="module")
async def seeded(server_url: sa.URL, worker_id: str) -> AsyncIterator[Application]:
    """A database of its own with the demo in it."""
    found = settings_for(await clone(server_url, f"demo_{worker_id}"))
    engine = create_engine(found)
    application = Application.of(found, engine, demo.LOG_INS)
    assert await demo.seed(application.database)
    yield application
    await application.close()


@pytest.mark.parametrize("login", demo.LOG_INS, ids=lambda login: login.email)
async def test_every_demo_user_can_sign_in(seeded: Application, login: DemoLogin) -> None:
    async with client(seeded) as nobody:
        found = await nobody.do(
            "login",
            "viewer { user { role } organization { slug timeZone } }",
            email=login.email,
            password=login.password,
        )
    role = login.email.split("@")[0].replace("-", "_").upper()
    organization = {"slug": login.organization, "timeZone": "Europe/Berlin"}
    assert found == {
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


async def test_the_newcomer_finds_one_standard_and_adopts_another(seeded: Application) -> None:
    async with client(seeded) as nobody:
        email = demo.email(Role.OWNER, "demo")
        found = await nobody.do("login", "accessToken", email=email, password=demo.PASSWORD)
    async with client(seeded, found["accessToken"]) as api:
        codes = "{ standards { nodes { familyCode edition } } }"
        assert await api.ask(codes) == {
            "standards": {"nodes": [{"familyCode": "ISO14001", "edition": "2015"}]}
        }
        adopted = await api.do("standardAdopt", familyCode="ISO9001", edition="2015")
        assert adopted["errors"] == []

"""A sign-in that holds no longer ends with the very next request, however warm the caches."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa

from qgp.accounts.model import LogIn
from qgp.engine import session_freshness
from qgp.kit import clock
from qgp.kit.policy import Role
from tests.company import Client, Company, Person
from tests.engine.conftest import Apart
from tests.engine.read_paths import PathClient, ReadPaths, asking

DOCUMENTS = {
    "rows": "{ users { nodes { name } } }",
    "no rows": '{ sites(filter: {code: {eq: "none"}}) { nodes { id } } }',
    "an empty page": "{ users(first: 0) { totalCount nodes { id } } }",
    "a count": "{ users { totalCount } }",
    "a look-up": 'query { user(by: {email: "nobody@test.example"}) { id } }',
    "two roots": "{ sites { nodes { id } } users { nodes { name } } }",
}
SITE = "query ($id: ID!) { site(by: {id: $id}) { id } }"

End = Callable[[Client, Person], Awaitable[None]]


async def _logs_out(_: Client, person: Person) -> None:
    async with person.signed_in() as api:
        await api.ask("mutation { logout { errors { code } } }")


async def _is_suspended(owner: Client, person: Person) -> None:
    assert not (await owner.do("userSuspend", id=person.id, expectedVersion=1))["errors"]


async def _changes_role(owner: Client, person: Person) -> None:
    made = await owner.do("userChangeRole", id=person.id, expectedVersion=1, role="EMPLOYEE")
    assert not made["errors"]


async def _is_revoked(_: Client, person: Person) -> None:
    revoked = (
        sa.update(LogIn).where(LogIn.user_id == person.user_id).values(revoked_at=sa.func.now())
    )
    async with person.application.engine.begin() as connection:
        await connection.execute(revoked)


ENDS: dict[str, End] = {
    "who logs out": _logs_out,
    "who is suspended": _is_suspended,
    "whose role changes": _changes_role,
    "whose log-in is revoked": _is_revoked,
}


@pytest.fixture
def sides(new_sides: ReadPaths) -> ReadPaths:
    """Applications that remember nothing yet."""
    return new_sides


async def refused_alike(sides: ReadPaths, asker: PathClient, person: Person, document: str) -> None:
    """Expect of the planned side what somebody is told whom no process has met."""
    found = await asker.answer(document)
    transport = httpx2.ASGITransport(sides.reference.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp.test") as http:
        http.headers["authorization"] = f"Bearer {person.token}"
        expected = await PathClient(http).answer(document)
    assert (found.status_code, found.content) == (expected.status_code, expected.content)
    assert found.status_code == 401
    assert b"This sign-in has ended." in found.content


PAIRS = [("whose log-in is revoked", name) for name in DOCUMENTS]
PAIRS += [(end, name) for end in list(ENDS)[:3] for name in ("rows", "no rows")]


@pytest.mark.parametrize(("ending", "asked"), PAIRS)
async def test_whose_sign_in_has_ended_is_refused_at_once(
    company: Company, api: Client, sides: ReadPaths, ending: str, asked: str
) -> None:
    person, document = await company.hire(Role.AUDITOR), DOCUMENTS[asked]
    async with asking(sides.planned, person.token) as asker:
        for _ in range(2):
            assert (await asker.ask(document)).reason is None
        await ENDS[ending](api, person)
        await refused_alike(sides, asker, person, document)
        assert sides.engine.counts["session"] == 1


@pytest.mark.parametrize("asked", ["rows", "no rows"])
async def test_a_log_in_that_has_run_out_is_refused(
    company: Company, sides: ReadPaths, asked: str
) -> None:
    person, document, now = await company.hire(Role.AUDITOR), DOCUMENTS[asked], clock.now()
    soon = sa.update(LogIn).where(LogIn.user_id == person.user_id)
    async with person.application.engine.begin() as connection:
        await connection.execute(soon.values(expires_at=now + timedelta(minutes=10)))
    async with asking(sides.planned, person.token) as asker:
        with clock.fixed(now + timedelta(minutes=9)):
            assert (await asker.ask(document)).reason is None
        with clock.fixed(now + timedelta(minutes=11)):
            await refused_alike(sides, asker, person, document)


async def test_an_answer_that_reads_nothing_may_rely_on_what_was_shown_a_second_ago(
    company: Company, api: Client, sides: ReadPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await company.hire(Role.AUDITOR)
    async with asking(sides.planned, person.token) as asker:
        assert len((await asker.ask("{ __typename }")).sql) == 1
        assert len((await asker.ask("{ __typename }")).sql) == 0
        assert len((await asker.ask("{ sites { nodes { id } } }")).sql) == 2
        await _is_revoked(api, person)
        assert (await asker.ask("{ __typename }")).status == 200
        monkeypatch.setattr(session_freshness, "FRESH_SECONDS", 0.0)
        # Whoever has lost their sign-in may ask it as nobody; the process has forgotten them.
        assert (await asker.ask("{ __typename }")).status == 200
        await refused_alike(sides, asker, person, "{ sites { nodes { id } } }")


async def test_whose_last_day_is_over_is_refused(company: Company, sides: ReadPaths) -> None:
    midnight = datetime(2027, 5, 5, tzinfo=UTC)
    with clock.fixed(midnight - timedelta(minutes=5)):
        person = await company.hire(Role.AUDITOR, valid_until=clock.today())
        async with asking(sides.planned, person.token) as asker:
            assert (await asker.ask("{ users { totalCount } }")).reason is None
            with clock.fixed(midnight + timedelta(minutes=5)):
                await refused_alike(sides, asker, person, "{ users { totalCount } }")


async def test_who_is_changed_and_still_in_force_is_met_again_and_planned_for(
    company: Company, api: Client, sides: ReadPaths
) -> None:
    person = await company.hire(Role.AUDITOR)
    site = (await api.do("siteCreate", "site { id }", code="A", name="A"))["site"]["id"]
    async with asking(sides.planned, person.token) as asker:
        document = DOCUMENTS["rows"]
        assert (await asker.ask(document)).reason is None
        await api.do("userUpdate", id=person.id, expectedVersion=1, siteId=site, name="New name")
        told = await asker.ask(document)
        assert told.reason == "session"
        assert {"name": "New name"} in told.data["users"]["nodes"]
        assert (await asker.ask(document)).reason is None


async def _lane_taken(
    sides: ReadPaths,
    organization_id: UUID,
    asks: list[tuple[PathClient, str]],
    meanwhile: Callable[[], Awaitable[None]],
) -> list[httpx2.Response]:
    """Let something happen while all wait for the one connection."""
    async with sides.engine.read_connections.acquire(organization_id):
        tasks = [asyncio.ensure_future(asker.answer(SITE, id=id)) for asker, id in asks]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in tasks)
        await meanwhile()
    return list(await asyncio.gather(*tasks))


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_who_is_asked_for_together_with_others_is_refused_alone(
    company: Company, api: Client, apart: Apart, end: End
) -> None:
    sides = ReadPaths(apart(planned_reads=False), apart(planned_connections=1))
    person, colleague = await company.hire(Role.AUDITOR), await company.hire(Role.AUDITOR)
    created = [
        (await api.do("siteCreate", "site { id }", code=f"S{n}", name="S"))["site"]["id"]
        for n in range(4)
    ]
    async with (
        asking(sides.planned, person.token) as one,
        asking(sides.planned, colleague.token) as other,
    ):
        asks = [(asker, id) for id in created for asker in (other, one)]
        answers = await _lane_taken(sides, company.organization_id, asks, lambda: end(api, person))
        for (asker, id), answer in zip(asks, answers, strict=True):
            if asker is other:
                assert answer.json()["data"] == {"site": {"id": id}}
            else:
                assert answer.status_code == 401
        assert sides.engine.counts["session"] >= len(created)
        assert (await other.ask(SITE, id=created[0])).reason is None

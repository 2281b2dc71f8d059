"""Session guard: an ended sign-in is refused with the next request, whatever is cached."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest
import sqlalchemy as sa

from qgp.accounts.facts import in_force
from qgp.accounts.model import LogIn
from qgp.app import Application
from qgp.engine import session_freshness
from qgp.engine.session_freshness import SessionFreshness, SessionStamp
from qgp.engine.session_guard import SessionGuard
from qgp.kit import clock
from qgp.kit.policy import Role
from tests.company import Client, Company, Person
from tests.engine.conftest import Apart
from tests.engine.read_paths import PathClient, ReadPaths, Sent, client_of

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
    payload = await owner.do("userChangeRole", id=person.id, expectedVersion=1, role="EMPLOYEE")
    assert not payload["errors"]


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
def read_paths(new_read_paths: ReadPaths) -> ReadPaths:
    """Applications with empty caches."""
    return new_read_paths


async def refused_alike(
    read_paths: ReadPaths, client: PathClient, person: Person, document: str
) -> None:
    """Expect the response that a process without the sign-in in its cache gives."""
    actual = await client.answer(document)
    transport = httpx2.ASGITransport(read_paths.resolvers.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp.test") as http:
        http.headers["authorization"] = f"Bearer {person.token}"
        expected = await PathClient(http).answer(document)
    assert (actual.status_code, actual.content) == (expected.status_code, expected.content)
    assert actual.status_code == 401
    assert b"This sign-in has ended." in actual.content


PAIRS = [("whose log-in is revoked", name) for name in DOCUMENTS]
PAIRS += [(end, name) for end in list(ENDS)[:3] for name in ("rows", "no rows")]


@pytest.mark.parametrize(("ending", "name"), PAIRS)
async def test_an_ended_sign_in_is_refused_at_once(
    company: Company, api: Client, read_paths: ReadPaths, ending: str, name: str
) -> None:
    person, document = await company.hire(Role.AUDITOR), DOCUMENTS[name]
    async with client_of(read_paths.planned, person.token) as client:
        for _ in range(2):
            assert (await client.ask(document)).reason is None
        await ENDS[ending](api, person)
        await refused_alike(read_paths, client, person, document)
        assert read_paths.engine.counts["session"] == 1


@pytest.mark.parametrize("name", ["rows", "no rows"])
async def test_an_expired_sign_in_is_refused(
    company: Company, read_paths: ReadPaths, name: str
) -> None:
    person, document, now = await company.hire(Role.AUDITOR), DOCUMENTS[name], clock.now()
    soon = sa.update(LogIn).where(LogIn.user_id == person.user_id)
    async with person.application.engine.begin() as connection:
        await connection.execute(soon.values(expires_at=now + timedelta(minutes=10)))
    async with client_of(read_paths.planned, person.token) as client:
        with clock.fixed(now + timedelta(minutes=9)):
            assert (await client.ask(document)).reason is None
        with clock.fixed(now + timedelta(minutes=11)):
            await refused_alike(read_paths, client, person, document)


async def test_an_answer_without_rows_may_rely_on_a_confirmation_within_a_second(
    company: Company, api: Client, read_paths: ReadPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = await company.hire(Role.AUDITOR)
    async with client_of(read_paths.planned, person.token) as client:
        assert len((await client.ask("{ __typename }")).sql) == 1
        assert len((await client.ask("{ __typename }")).sql) == 0
        assert len((await client.ask("{ sites { nodes { id } } }")).sql) == 2
        await _is_revoked(api, person)
        assert (await client.ask("{ __typename }")).status == 200
        monkeypatch.setattr(session_freshness, "FRESH_SECONDS", 0.0)
        # An anonymous caller may ask it too; the process has dropped the sign-in.
        assert (await client.ask("{ __typename }")).status == 200
        await refused_alike(read_paths, client, person, "{ sites { nodes { id } } }")


async def test_a_user_after_their_last_day_is_refused(
    company: Company, read_paths: ReadPaths
) -> None:
    midnight = datetime(2027, 5, 5, tzinfo=UTC)
    with clock.fixed(midnight - timedelta(minutes=5)):
        person = await company.hire(Role.AUDITOR, valid_until=clock.today())
        async with client_of(read_paths.planned, person.token) as client:
            assert (await client.ask("{ users { totalCount } }")).reason is None
            with clock.fixed(midnight + timedelta(minutes=5)):
                await refused_alike(read_paths, client, person, "{ users { totalCount } }")


async def test_a_changed_user_falls_back_once_and_is_planned_again(
    company: Company, api: Client, read_paths: ReadPaths
) -> None:
    person = await company.hire(Role.AUDITOR)
    site = (await api.do("siteCreate", "site { id }", code="A", name="A"))["site"]["id"]
    async with client_of(read_paths.planned, person.token) as client:
        document = DOCUMENTS["rows"]
        assert (await client.ask(document)).reason is None
        await api.do("userUpdate", id=person.id, expectedVersion=1, siteId=site, name="New name")
        answer = await client.ask(document)
        assert answer.reason == "session"
        assert {"name": "New name"} in answer.data["users"]["nodes"]
        assert (await client.ask(document)).reason is None


async def test_sign_ins_are_looked_up_unless_the_snapshot_has_shown_them(
    application: Application,
) -> None:
    statement = SessionGuard(in_force).added_to(sa.select(sa.literal(1)))
    async with application.engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")

        async def row(confirmed: str, *stamps: str) -> Any:
            of_request = {"organization": uuid4(), "session_ids": [], "session_stamps": stamps}
            parameters = {**of_request, "session_snapshot": confirmed}
            return (await connection.execute(statement, parameters)).one_or_none()

        all_in_force = await row("")
        assert all_in_force is not None
        snapshot = all_in_force[1]
        assert snapshot
        assert await row("", "not in force") is None
        assert await row(snapshot, "not in force") == (1, None)


async def test_a_read_sends_the_snapshot_that_showed_its_sign_in_last(
    sent: list[Sent], company: Company, api: Client, read_paths: ReadPaths
) -> None:
    async with client_of(read_paths.planned, company.owner.token) as client:
        for code in ("G1", "G2"):
            assert not (await api.do("siteCreate", code=code, name=code))["errors"]
            for _ in range(2):
                await client.ask(DOCUMENTS["rows"])
    confirmed = [
        statement.arguments[int(parameter[1]) - 1]
        for statement in sent
        if (parameter := re.search(r"WHEN \(\$(\d+)\S* = concat\(pg_postmaster", statement.text))
    ]
    first, after_first, before_second, after_second = confirmed
    assert (first, bool(after_first)) == ("", True)
    assert before_second != after_second


def test_only_one_snapshot_confirms_several_sign_ins() -> None:
    freshness = SessionFreshness()
    one, other = SessionStamp(uuid4(), "one"), SessionStamp(uuid4(), "other")
    assert freshness.snapshot([one]) == ""
    freshness.confirm(one, "1")
    freshness.confirm(other, "2")
    assert (freshness.snapshot([one]), freshness.snapshot([one, other])) == ("1", "")
    freshness.confirm(other, None)
    freshness.confirm(one, "2")
    assert freshness.snapshot([one, other]) == "2"


async def _lane_taken(
    read_paths: ReadPaths,
    organization_id: UUID,
    asks: list[tuple[PathClient, str]],
    meanwhile: Callable[[], Awaitable[None]],
) -> list[httpx2.Response]:
    """Do something while all requests wait for the only connection."""
    async with read_paths.engine.read_connections.acquire(organization_id):
        tasks = [asyncio.ensure_future(client.answer(SITE, id=id)) for client, id in asks]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in tasks)
        await meanwhile()
    return list(await asyncio.gather(*tasks))


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
async def test_an_ended_sign_in_does_not_affect_the_others_of_its_batch(
    company: Company, api: Client, apart: Apart, end: End
) -> None:
    read_paths = ReadPaths(apart(planned_reads=False), apart(planned_connections=1))
    person, colleague = await company.hire(Role.AUDITOR), await company.hire(Role.AUDITOR)
    created = [
        (await api.do("siteCreate", "site { id }", code=f"S{n}", name="S"))["site"]["id"]
        for n in range(4)
    ]
    async with (
        client_of(read_paths.planned, person.token) as one,
        client_of(read_paths.planned, colleague.token) as other,
    ):
        asks = [(client, id) for id in created for client in (other, one)]
        answers = await _lane_taken(
            read_paths, company.organization_id, asks, lambda: end(api, person)
        )
        for (client, id), answer in zip(asks, answers, strict=True):
            if client is other:
                assert answer.json()["data"] == {"site": {"id": id}}
            else:
                assert answer.status_code == 401
        assert read_paths.engine.counts["session"] >= len(created)
        assert (await other.ask(SITE, id=created[0])).reason is None

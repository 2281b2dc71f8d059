"""Commands of somebody whose sign-in is remembered: it is asked about, not looked up again."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from qgp.accounts.commands import sign_ins
from qgp.accounts.model import LogIn
from qgp.authentication.tokens import Claims
from qgp.engine.read_connections import ReadConnection
from qgp.kit import audit, clock
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.organizations.model import Site
from qgp.users.model import User, UserStatus
from tests.company import Client, Company, Person

CREATE = """mutation ($code: String!) { siteCreate(input: {code: $code, name: "Plant"}) {
    site { code } errors { code } } }"""
UNPLANNED = """mutation ($code: String!) { siteCreate(input: {code: $code, name: "Plant"}) {
    site { code } errors { code } } __typename }"""
TWICE = """mutation { one: siteCreate(input: {code: "1", name: "One"}) { errors { code } }
    two: siteCreate(input: {code: "2", name: "Two"}) { errors { code } } }"""
LOGIN = """mutation { login(input: {email: "nobody@test.example", password: "a long sentence"}) {
    errors { code } } }"""
INVALID = "mutation { nothing }"


async def sites(company: Company) -> Sequence[str]:
    """Return the codes of the company's sites."""
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return (await session.scalars(sa.select(Site.code).order_by(Site.code))).all()


async def meet(api: Client) -> None:
    """Let the process look the sign-in up."""
    await api.ask("{ viewer { user { id } } }")


def claims_of(person: Person) -> Claims:
    return person.application.services.signer.verify(person.token)


async def revoke(company: Company, person: Person) -> None:
    """End the log-in as another process would."""
    async with company.application.database.write(Scope(company.organization_id)) as session:
        await sign_ins.revoke(session, LogIn.id == claims_of(person).log_in_id)


async def suspend(company: Company, person: Person) -> None:
    async with company.application.database.write(Scope(company.organization_id)) as session:
        user = (await session.scalars(sa.select(User).where(User.id == person.user_id))).one()
        user.enter(UserStatus.SUSPENDED)


async def outdate(company: Company, person: Person) -> None:
    async with company.application.database.write(Scope(company.organization_id)) as session:
        user = (await session.scalars(sa.select(User).where(User.id == person.user_id))).one()
        user.access_version += 1


ENDS: dict[str, Any] = {"revoked": revoke, "suspended": suspend, "outdated": outdate}


async def answer(api: Client, document: str, **variables: Any) -> tuple[Any, ...]:
    """Return status, headers and body of an answer, but for what names the request."""
    content = {"query": document, "variables": variables}
    response = await api.http.post("/graphql", json=content)
    headers = {name: text for name, text in response.headers.items() if name != "x-request-id"}
    body = response.json()
    for error in body.get("errors", []):
        error["extensions"].pop("requestId", None)
    return response.status_code, headers, body


@pytest.mark.parametrize("document", [CREATE, UNPLANNED, TWICE, INVALID])
@pytest.mark.parametrize("how", ENDS)
async def test_an_ended_sign_in_changes_nothing_and_is_answered_as_one_never_met(
    company: Company, how: str, document: str
) -> None:
    person = await company.hire(Role.ADMIN)
    sessions = company.application.services.sessions
    variables = {"code": "A"} if document in (CREATE, UNPLANNED) else {}
    async with person.signed_in() as api:
        await meet(api)
        assert sessions.known(person.token) is not None
        await ENDS[how](company, person)
        remembered = await answer(api, document, **variables)
        assert sessions.known(person.token) is None
        assert await answer(api, document, **variables) == remembered
    status, _, body = remembered
    assert (status, "data" in body) == (401, False)
    assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert await sites(company) == []


async def test_a_remembered_sign_in_that_has_run_out_changes_nothing(company: Company) -> None:
    person = await company.hire(Role.ADMIN)
    async with person.signed_in() as api:
        await meet(api)
        with clock.fixed(clock.now() + timedelta(minutes=31)):
            assert await api.refusal(CREATE, code="A") == "UNAUTHENTICATED"
    assert await sites(company) == []


async def test_whoever_is_given_another_role_has_it_in_the_next_command(company: Company) -> None:
    person = await company.hire(Role.ADMIN)
    async with person.signed_in() as api:
        await meet(api)
        async with company.application.database.write(Scope(company.organization_id)) as session:
            user = (await session.scalars(sa.select(User).where(User.id == person.user_id))).one()
            user.role = Role.EMPLOYEE
        assert await api.refusal(CREATE, code="A") == "FORBIDDEN"
    assert await sites(company) == []


async def test_whoever_is_suspended_during_a_command_is_refused_the_next(company: Company) -> None:
    person = await company.hire(Role.ADMIN)
    async with person.signed_in() as api:
        await meet(api)
        async with company.application.database.write(Scope(company.organization_id)) as session:
            # The first command waits for the head of the trail, so the suspension comes between.
            await session.execute(sa.select(audit.AuditHead).with_for_update())
            sent = asyncio.ensure_future(api.send(TWICE))
            await asyncio.sleep(0.3)
            user = (await session.scalars(sa.select(User).where(User.id == person.user_id))).one()
            user.enter(UserStatus.SUSPENDED)
        answer = await sent
    refused = {"errors": [{"code": "UNAUTHENTICATED"}]}
    assert answer["data"] == {"one": {"errors": []}, "two": refused}
    assert await sites(company) == ["1"]


async def test_a_command_costs_its_row_its_trail_and_its_payload(api: Client) -> None:
    await meet(api)
    await api.ask(CREATE, code="A")
    row, trail, payload = api.statements
    assert row.startswith("INSERT INTO sites")
    assert trail.lstrip().startswith("WITH RECURSIVE head")
    assert "JOIN sites" in payload


async def test_concurrent_commands_revalidate_their_sign_ins_in_one_statement(
    company: Company,
) -> None:
    people = [await company.hire(Role.ADMIN) for _ in range(6)]
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(each.signed_in()) for each in people]
        for api in clients:
            await meet(api)
        with heard() as looks:
            sent = [api.ask(UNPLANNED, code=f"{n}") for n, api in enumerate(clients)]
            answers = await asyncio.gather(*sent)
    assert [each["siteCreate"]["errors"] for each in answers] == [[]] * 6
    assert sum(looks) == 6
    assert len(looks) < 6


@contextmanager
def heard() -> Iterator[list[int]]:
    """Hear about how many sign-ins each look asks."""
    looks: list[int] = []
    unheard = ReadConnection.fetch

    async def fetch(connection: ReadConnection, text: str, arguments: Sequence[Any]) -> Any:
        if "stamps_in_force" in text:
            looks.append(next(len(each) for each in arguments if isinstance(each, list)))
        return await unheard(connection, text, arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ReadConnection, "fetch", fetch)
        yield looks


async def test_where_the_database_does_not_tell_the_user_is_looked_up(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await meet(api)

    async def lost(*_: Any) -> Any:
        raise ConnectionResetError

    monkeypatch.setattr(ReadConnection, "fetch", lost)
    with capture_logs():  # the tests forgive no plan that fails; this one is made to
        data = await api.ask(UNPLANNED, code="A")
    assert data["siteCreate"]["site"] == {"code": "A"}
    assert "FROM users" in api.statements[1]  # after the look that was lost

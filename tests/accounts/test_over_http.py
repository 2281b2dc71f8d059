from collections.abc import AsyncIterator, Hashable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from qgp.app import Application
from qgp.authentication.sessions import Sessions
from qgp.authentication.tokens import bearer
from qgp.http.endpoint import GraphQLEndpoint
from qgp.http.middleware import with_middleware
from qgp.http.planned_operations import Caller
from qgp.kit import ids
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import SignedIn
from tests.company import Client, Company, Person, client

VIEWER = "{ viewer { user { id } organization { slug } permissions } }"


async def test_a_person_signs_in_works_and_signs_out(
    application: Application, company: Company, api: Client
) -> None:
    assert (await api.ask(VIEWER))["viewer"]["user"]["id"] == company.owner.id
    assert len(api.statements) == 3  # who asks, user, organization
    assert await api.ask("mutation { logout { errors { code } } }") == {"logout": {"errors": []}}
    assert await api.refusal(VIEWER) == "UNAUTHENTICATED"


async def test_nobody_asks_who_they_are_and_gets_null(application: Application) -> None:
    async with client(application) as nobody:
        answer = await nobody.send(VIEWER)
    assert answer["data"] == {"viewer": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert nobody.statements == []


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x.y.z", "Basic eDp5", "Bearer " + "x" * 5000]
)
async def test_a_header_that_proves_nothing_is_answered_with_401(
    application: Application, header: str
) -> None:
    transport = httpx2.ASGITransport(application.asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp.test") as http:
        answer = await http.post(
            "/graphql", json={"query": VIEWER}, headers={"authorization": header}
        )
    body: dict[str, Any] = answer.json()
    assert answer.status_code == 401
    assert "data" not in body
    assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_token_for_a_log_in_that_never_was_is_answered_with_401(
    application: Application, company: Company
) -> None:
    forged = application.services.signer.issue(
        user_id=company.owner.user_id,
        organization_id=company.organization_id,
        log_in_id=ids.uuid7(),
        access_version=1,
    )
    async with client(application, forged) as stranger:
        assert await stranger.refusal(VIEWER) == "UNAUTHENTICATED"
        assert len(stranger.statements) == 1


READ = Answered(b'{"viewer":"read"}', statements=1)


@dataclass
class FakeReader:
    """Answers whoever is remembered, and records the callers."""

    sessions: Sessions
    callers: list[SignedIn] = field(default_factory=list)
    answer: Answered | None = READ

    def caller(self, authorization: str) -> Caller | None:
        signed_in = self.sessions.known(bearer(authorization))
        if signed_in is None:
            return None
        return Caller(signed_in, {"user": "the one remembered"})

    def read_without_io(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Answered | None:
        raise AssertionError("read on the fast path alone")

    def execution_key(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Hashable | None:
        return None

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        self.callers.append(caller.signed_in)
        return self.answer


@asynccontextmanager
async def reading(
    application: Application, person: Person
) -> AsyncIterator[tuple[Client, FakeReader]]:
    """Speak as a person to the application's schema, and to a reader in front of it."""
    reader = FakeReader(application.services.sessions)
    answering = GraphQLEndpoint(
        application.schema,
        limits=application.settings.limits,
        open_context=application.open_context,
        reader=reader,
    )
    app = with_middleware(Starlette(), origins=[], max_in_flight=9, by_path={"/graphql": answering})
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app),
        base_url="http://qgp.test",
        headers={"authorization": f"Bearer {person.token}"},
    ) as http:
        yield Client(http, app, application.engine.sync_engine), reader


async def test_whoever_has_been_looked_up_once_is_read_for_without_another_look(
    application: Application, company: Company
) -> None:
    async with reading(application, company.owner) as (owner, reader):
        assert (await owner.ask(VIEWER))["viewer"]["user"]["id"] == company.owner.id
        assert reader.callers == []
        with capture_logs() as lines:
            assert await owner.ask(VIEWER) == {"viewer": "read"}
    [signed_in] = reader.callers
    assert signed_in.principal.user_id == company.owner.user_id
    assert owner.statements == []
    [line] = lines
    assert (line["user"], line["statements"]) == ("the one remembered", 1)


async def test_whoever_signs_out_is_refused_as_soon_as_the_reader_does_not_answer(
    application: Application, company: Company
) -> None:
    async with reading(application, company.owner) as (owner, reader):
        await owner.ask(VIEWER)
        assert await owner.ask("mutation { logout { errors { code } } }")
        reader.answer = None  # as where the stamp is told no more
        assert await owner.refusal(VIEWER) == "UNAUTHENTICATED"
        reader.answer = READ
        assert await owner.refusal(VIEWER) == "UNAUTHENTICATED"
    assert len(reader.callers) == 1

"""Companies and people of a test's own, who speak to the application over HTTP."""

import json
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address
from itertools import count
from typing import Any
from unittest.mock import patch
from uuid import UUID

import httpx2
import sqlalchemy as sa
from sqlalchemy import event
from starlette.types import ASGIApp

from qgp.accounts.model import Account, LogIn
from qgp.app import Application
from qgp.engine.read_connections import ReadConnection
from qgp.kit import clock, ids
from qgp.kit.model import records
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.kit.transitions import Transition
from qgp.kit.workflow import Stateful
from qgp.organizations.model import Organization
from qgp.users.model import User, UserStatus
from tests import asgi

PASSWORD = "a rather long sentence"  # everybody's
_FIRST_ADDRESS = IPv4Address("10.0.0.1")
_networks = count()


def new_address() -> str:
    """Return an address in a network that nobody else has.

    Failed attempts are counted by network: those of one test must not refuse another's.
    """
    return str(_FIRST_ADDRESS + 256 * next(_networks))


def signature(meaning: str) -> dict[str, Any]:
    """Return what a hired person signs with."""
    return {"meaning": meaning, "proof": {"password": PASSWORD}}


def signed(step: str) -> dict[str, Any]:
    """Return the signature of a step that takes one always; nothing for other steps."""
    move = transition_of(step)
    meaning = move.signature if move and move.demands_signature else None
    return {"signature": signature(meaning.value)} if meaning else {}


def transition_of(step: str) -> Transition | None:
    """Return the declaration of a mutation that is a step of a workflow."""
    workflows = [kind.workflow for kind in records().values() if issubclass(kind, Stateful)]
    moves = (workflow.transitions.get(step) for workflow in workflows)
    return next(filter(None, moves), None)


@dataclass
class Client:
    """Somebody at the GraphQL endpoint; remembers the SQL that its last request ran."""

    http: httpx2.AsyncClient
    app: ASGIApp
    engine: sa.Engine
    peer: tuple[str, int] = ("127.0.0.1", 50_000)
    statements: list[str] = field(default_factory=list)

    async def send(self, document: str, **variables: Any) -> dict[str, Any]:
        """Run an operation and return the whole answer, errors included."""
        self.statements.clear()
        with _recording(self.engine, self.statements):
            response = await self.post({"query": document, "variables": variables})
        answer: dict[str, Any] = response.json()
        return answer

    async def post(self, body: Mapping[str, Any], **headers: str) -> asgi.Response:
        """Send the JSON of a request and return the whole response."""
        sent = {**self.http.headers, **headers}
        return await asgi.post(self.app, "/graphql", json.dumps(body).encode(), sent, self.peer)

    async def ask(self, document: str, **variables: Any) -> Any:
        """Run an operation that must not fail and return its data."""
        answer = await self.send(document, **variables)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    async def do(self, mutation: str, result: str = "", /, **arguments: Any) -> Any:
        """Run one mutation with its input and return its payload."""
        kind = mutation[0].upper() + mutation[1:]
        document = f"""mutation ($input: {kind}Input!) {{ {mutation}(input: $input) {{
            {result}
            errors {{ __typename code message path
                ... on StaleVersionError {{ expected current }}
                ... on TransitionNotAllowedError {{
                    blockers {{ code message subject {{ id }} }} }} }}
        }} }}"""
        return (await self.ask(document, input=arguments))[mutation]

    async def refusal(self, document: str, **variables: Any) -> str:
        """Run an operation that must fail and return the code of its first error."""
        answer = await self.send(document, **variables)
        code: str = answer["errors"][0]["extensions"]["code"]
        return code


def subject_id(blocker: Any) -> str | None:
    """Return the id of the record that a blocker names."""
    id: str | None = blocker["subject"] and blocker["subject"]["id"]
    return id


@dataclass(frozen=True)
class Person:
    """A user with an access token of a real log-in."""

    application: Application
    user_id: UUID
    email: str
    token: str
    address: str = field(default_factory=new_address)

    @property
    def id(self) -> str:
        """The public id."""
        return ids.encode("usr", self.user_id)

    @asynccontextmanager
    async def signed_in(self) -> AsyncIterator[Client]:
        """Speak to the application as this person."""
        async with client(self.application, self.token, self.address) as api:
            yield api


@dataclass(frozen=True)
class Company:
    """An organization and its owner."""

    application: Application
    organization_id: UUID
    slug: str
    owner: Person

    async def hire(self, role: Role, **values: Any) -> Person:
        """Add a user with that role."""
        return await Hiring(self.application).person(self.organization_id, role, **values)


@dataclass(frozen=True)
class Hiring:
    """Makes companies and people."""

    application: Application

    async def company(self) -> Company:
        """Found an organization with an owner."""
        organization_id, slug = ids.uuid7(), f"t-{secrets.token_hex(8)}"
        organization = Organization(id=organization_id, name=slug, slug=slug)
        owner = await self._hired(organization_id, Role.OWNER, organization)
        return Company(self.application, organization_id, slug, owner)

    async def person(self, organization_id: UUID, role: Role, **values: Any) -> Person:
        """Add a user and sign them in."""
        return await self._hired(organization_id, role, **values)

    async def _hired(
        self, organization_id: UUID, role: Role, *before: Organization, **values: Any
    ) -> Person:
        """Write an account, a user and a sign-in of a new person, and rows that come before."""
        address, now = f"{secrets.token_hex(8)}@test.example", clock.now()
        secret = await _hash(self.application)
        account = Account(id=ids.uuid7(), email=address, password_hash=secret, created_at=now)
        facts = {"name": role.value.title(), "status": UserStatus.ACTIVE, **values}
        user = User(
            id=ids.uuid7(),
            account_id=account.id,
            email=address,
            role=role,
            access_version=1,
            **facts,
        )
        log_in = LogIn(
            id=ids.uuid7(),
            organization_id=organization_id,
            account_id=account.id,
            user_id=user.id,
            created_at=now,
            expires_at=now + timedelta(days=1),
        )
        async with self.application.database.write(Scope(organization_id)) as session:
            session.add_all([*before, account, user, log_in])
        token = self.application.services.signer.issue(
            user_id=user.id,
            organization_id=organization_id,
            log_in_id=log_in.id,
            access_version=1,
        )
        return Person(self.application, user.id, address, token)


_hashes: dict[int, str] = {}


async def _hash(application: Application) -> str:
    """Return the hash of everybody's password, made once."""
    hasher = application.services.hasher
    if id(hasher) not in _hashes:
        _hashes[id(hasher)] = await hasher.hash(PASSWORD)
    return _hashes[id(hasher)]


@asynccontextmanager
async def client(
    application: Application, token: str | None = None, address: str | None = None
) -> AsyncIterator[Client]:
    """Speak to the application as the bearer of a token or as nobody, from a network of its own."""
    headers = {"authorization": f"Bearer {token}"} if token else {}
    peer = (address or new_address(), 50_000)
    transport = httpx2.ASGITransport(application.asgi, client=peer)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://qgp.test", headers=headers
    ) as http:
        yield Client(http, application.asgi, application.engine.sync_engine, peer)


def texts(rows: Sequence[Any], name: str) -> list[str]:
    """Return one field of each row."""
    return [row[name] for row in rows]


@contextmanager
def _recording(engine: sa.Engine, statements: list[str]) -> Iterator[None]:
    def note(*arguments: Any) -> None:
        statements.append(arguments[2])

    async def fetch(connection: ReadConnection, text: str, arguments: Sequence[Any]) -> Any:
        statements.append(text)
        return await unwatched(connection, text, arguments)

    unwatched = ReadConnection.fetch
    event.listen(engine, "before_cursor_execute", note)
    try:
        with patch.object(ReadConnection, "fetch", fetch):
            yield
    finally:
        event.remove(engine, "before_cursor_execute", note)

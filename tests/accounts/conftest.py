"""People to sign in, each test with organizations of its own, against a real PostgreSQL."""

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine

from qgp.accounts.commands import accounts
from qgp.authentication.passwords import Hasher
from qgp.authentication.services import Services
from qgp.authentication.tokens import Signer
from qgp.kit import connection_setup, ids
from qgp.kit.context import Context
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Database, Scope
from qgp.kit.work import Work
from qgp.organizations.model import Organization, OrganizationStatus
from qgp.request_context import authenticated
from qgp.users.model import User, UserStatus
from tests.environment import clone

PASSWORD = "a rather long sentence"
KEYS = {"present": "k" * 16 + "p" * 32, "former": "f" * 48}
Opened = Callable[..., AbstractAsyncContextManager[Context]]
_addresses = count()


@dataclass(frozen=True)
class Person:
    """A user made for a test.

    Attributes:
        ip: an address in a network that no other person uses.
    """

    user_id: UUID
    account_id: UUID
    organization_id: UUID
    slug: str
    email: str
    ip: str


@pytest.fixture(scope="session")
async def people_database(server_url: sa.URL, worker_id: str) -> AsyncIterator[Database]:
    """A database of these tests alone, whose networks nobody else has used."""
    url = await clone(server_url, f"accounts_{worker_id}")
    engine = create_async_engine(
        url, pool_size=10, connect_args={"connection_class": connection_setup.Connection}
    )
    yield Database(engine)
    await engine.dispose()


@pytest.fixture(scope="session")
def services() -> Services:
    return Services(Signer(KEYS), Hasher(memory_kib=8, passes=1, lanes=1))


def open_context(
    database: Database,
    services: Services,
    *,
    authorization: str | None,
    request_id: str,
    client_ip: str,
) -> AbstractAsyncContextManager[Context]:
    """Open a context as the application does."""
    context = Context(database, request_id, client_ip=client_ip, services=services.by_type)
    return authenticated(context, authorization)


@pytest.fixture
def opened(people_database: Database, services: Services) -> Opened:
    """Open contexts as the endpoint does."""

    def open(
        authorization: str | None = None, *, ip: str = "127.0.0.1", request_id: str = "test"
    ) -> AbstractAsyncContextManager[Context]:
        header = None if authorization is None else f"Bearer {authorization}"
        return open_context(
            people_database,
            services,
            authorization=header,
            request_id=request_id,
            client_ip=ip,
        )

    return open


Employ = Callable[..., Any]


@pytest.fixture
def employ(people_database: Database, services: Services) -> Employ:
    """Make users."""
    return partial(_employ, people_database, services)


async def _employ(
    database: Database,
    services: Services,
    *,
    email: str | None = None,
    beside: Person | None = None,
    password: str | None = PASSWORD,
    role: Role = Role.OWNER,
    status: UserStatus = UserStatus.ACTIVE,
    organization: OrganizationStatus = OrganizationStatus.ACTIVE,
    zone: str = "UTC",
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Person:
    organization_id = beside.organization_id if beside else ids.uuid7()
    slug = beside.slug if beside else f"t-{secrets.token_hex(8)}"
    address = email or f"{secrets.token_hex(8)}@people.example"
    hashed = password and await services.hasher.hash(password)
    async with database.write(Scope(organization_id, action="employ")) as session:
        if beside is None:
            session.add(
                Organization(
                    id=organization_id, name=slug, slug=slug, time_zone=zone, status=organization
                )
            )
            await session.flush()
        account = await accounts.account_for(session, address, password_hash=hashed)
        user = User(
            account_id=account.id,
            email=account.email,
            name="Somebody",
            role=role,
            status=status,
            access_version=1,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        session.add(user)
    number = next(_addresses)
    ip = f"10.{number // 256}.{number % 256}.7"
    return Person(user.id, account.id, organization_id, slug, address, ip)


Suspend = Callable[[Person], Awaitable[None]]


@pytest.fixture
def suspend(people_database: Database) -> Suspend:
    """End a person's access as an owner of their organization would."""

    async def act(person: Person) -> None:
        owner = Principal(
            person.user_id, person.account_id, person.organization_id, ids.uuid7(), Role.OWNER
        )
        async with people_database.write(Scope(person.organization_id)) as session:
            work = Work(session, owner)
            user = await work.get(User, person.user_id)
            await work.move(user, "userSuspend")

    return act

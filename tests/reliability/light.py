"""Two supervised workers without a database whose application loads quickly.

`main`, with a port in `sys.argv`, is `qgp serve --workers 2` without the product's schema.
"""

import sys
import time
from typing import NoReturn

from sqlalchemy.ext.asyncio import create_async_engine
from starlette.applications import Starlette
from starlette.types import ASGIApp

from qgp.http import health, logging
from qgp.http.draining import Drain
from qgp.http.health import Readiness
from qgp.http.middleware import with_middleware
from qgp.http.server import serve
from qgp.startup import supervised

START_SECONDS = 6
LOADING = "Loading the application."
_LOADING_SECONDS = 0.7  # longer than the supervisor takes to see a signal


def create() -> ASGIApp:
    """Return an application that tries to reach a database and answers what orchestrators ask."""
    print(LOADING, flush=True)
    time.sleep(_LOADING_SECONDS)
    engine = create_async_engine("postgresql+asyncpg://u:p@127.0.0.1:1/none")
    drain = Drain()
    readiness = Readiness(engine, checks=[], is_draining=lambda: drain.has_begun)

    async def check_database() -> None:
        async with engine.connect():
            pass

    application = Starlette(
        routes=health.routes(readiness),
        lifespan=lambda _: supervised(
            readiness, drain, check=check_database, seconds=START_SECONDS
        ),
    )
    return with_middleware(application, origins=(), max_in_flight=10)


def main() -> NoReturn:
    """Serve until a signal, or until the workers give up."""
    sys.exit(
        serve(
            f"{__name__}:create",
            host="127.0.0.1",
            port=int(sys.argv[1]),
            workers=2,
            configure_logging=logging.configure,
        )
    )

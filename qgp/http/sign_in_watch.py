"""Watch over the sign-in of a live connection, which outlives any one check of its token."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request

from qgp.http.open_context import OpenContext
from qgp.kit import clock
from qgp.kit.errors import Unauthenticated

RECHECK_SECONDS = 30.0  # within which a signed-out user's connections have to be closed

Expiry = Callable[[str], datetime | None]


@dataclass(frozen=True)
class SignInWatch:
    """Checks of the sign-ins of live connections.

    Attributes:
        open_context: opens a context for the caller of a request; may raise Unauthenticated.
        expiry: returns the instant from which the token of an `Authorization` header is refused.
        seconds: time between two checks.
    """

    open_context: OpenContext
    expiry: Expiry
    seconds: float = RECHECK_SECONDS

    async def ended(self, request: Request) -> Unauthenticated:
        """Wait until the sign-in of a request has ended, and return the reason.

        It is checked every 30 seconds, and when the token expires. A database that does not
        answer ends no sign-in.
        """
        while True:
            await asyncio.sleep(self._pause(request))
            try:
                async with self.open_context(request):
                    pass
            except Unauthenticated as error:
                return error
            except (SQLAlchemyError, OSError):
                continue

    def _pause(self, request: Request) -> float:
        expires_at = self.expiry(request.headers.get("authorization", ""))
        if expires_at is None:
            return self.seconds
        left = (expires_at - clock.now()).total_seconds()
        return min(self.seconds, max(left, 0.05))

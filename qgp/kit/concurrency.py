"""Bound on long requests that run at once, in total and for one user."""

from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from qgp.kit.errors import RateLimited, Unavailable

_RETRY_SECONDS = 5


@dataclass(eq=False)
class Concurrency:
    """Long requests of one kind that run in this process.

    Attributes:
        noun: one of them, for messages.
        most: how many run at once, one of a user.
    """

    noun: str
    most: int
    _running: list[Hashable] = field(default_factory=list)

    @contextmanager
    def running(self, principal: Hashable, most: int | None = None) -> Iterator[None]:
        """Count a request within the block.

        Args:
            principal: who runs it.
            most: how many may run with this one, in place of the common bound.

        Raises:
            RateLimited: the principal runs one already.
            Unavailable: `most` run already.
        """
        if principal in self._running:
            message = (
                f"One of your {self.noun}s is running; 1 is allowed at once. "
                f"Try again in {_RETRY_SECONDS} seconds."
            )
            raise RateLimited(message, seconds=_RETRY_SECONDS)
        bound = self.most if most is None else most
        if len(self._running) >= bound:
            message = (
                f"As many {self.noun}s are running as are allowed at once: {bound}. "
                f"Try again in {_RETRY_SECONDS} seconds."
            )
            raise Unavailable(message, seconds=_RETRY_SECONDS)
        self._running.append(principal)
        try:
            yield
        finally:
            self._running.remove(principal)

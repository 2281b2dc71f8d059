"""Limits of concurrent password hashing by account and network."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from qgp.authentication.origins import Origin
from qgp.kit.errors import RateLimited

OF_ADDRESS, OF_NETWORK = 2, 4  # at a time, of the places that the hasher has


class HashingQueue:
    """Counts the hashes in progress in this process."""

    def __init__(self) -> None:
        self._taken: Counter[Hashable] = Counter()

    @contextmanager
    def taken(self, origin: Origin) -> Iterator[None]:
        """Reserve a place in the hashing queue for the block.

        Raises:
            RateLimited: the account has two places, or its network four.
        """
        mine = {origin.allowance: OF_ADDRESS, origin.neighbourhood: OF_NETWORK}
        if any(self._taken[key] >= most for key, most in mine.items()):
            message = (
                "Several attempts of this account or network are in progress. An account has 2 at "
                "a time and a network 4; try again in 2 seconds."
            )
            raise RateLimited(message, seconds=2)
        self._taken.update(mine.keys())
        try:
            yield
        finally:
            self._taken.subtract(mine.keys())
            self._taken += Counter()  # forgets whoever has none left

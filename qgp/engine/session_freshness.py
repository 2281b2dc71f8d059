"""Log-ins that an answer depends on, and when the database last showed them in force."""

from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from uuid import UUID

from qgp.kit.lru_cache import LRUCache
from qgp.kit.policy import SignedIn

FRESH_SECONDS = 1.0  # seconds in which an ended sign-in has to be refused everywhere
MAX_SESSIONS = 4096


@dataclass(frozen=True, slots=True)
class SessionStamp:
    """A log-in and the stamp that it must still have."""

    log_in: UUID
    stamp: str


@lru_cache(MAX_SESSIONS)
def session_stamp(signed_in: SignedIn) -> SessionStamp:
    """Return what has to hold for somebody's answer to leave."""
    return SessionStamp(signed_in.principal.session_id, signed_in.standing)


class SessionFreshness:
    """What was shown lately; enough for an answer that reads nothing, and for no other."""

    def __init__(self) -> None:
        self._shown: LRUCache[list[float]] = LRUCache(MAX_SESSIONS)

    def show(self, standing: SessionStamp) -> None:
        """Remember that the log-in is in force now."""
        self._shown.found(standing.stamp, lambda: [0.0])[0] = monotonic()

    def are_fresh(self, standing: SessionStamp) -> bool:
        """Say whether the log-in was in force within the last second."""
        return monotonic() - self._shown.found(standing.stamp, lambda: [0.0])[0] < FRESH_SECONDS

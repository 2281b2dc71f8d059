"""Freshness of sign-ins: when the database last confirmed each of them."""

from dataclasses import dataclass
from functools import lru_cache
from time import monotonic
from uuid import UUID

from qgp.kit.lru_cache import LRUCache
from qgp.kit.policy import SignedIn

FRESH_SECONDS = 1.0  # within which an ended sign-in has to be refused by every process
MAX_SESSIONS = 4096


@dataclass(frozen=True, slots=True)
class SessionStamp:
    """A sign-in, and the stamp that the database must still compute for it.

    Attributes:
        stamp: made of the versions of user and organization, so that it changes with them.
    """

    session_id: UUID
    stamp: str


@lru_cache(MAX_SESSIONS)
def session_stamp(signed_in: SignedIn) -> SessionStamp:
    """Return the stamp that must be in force when an answer is sent to the caller."""
    return SessionStamp(signed_in.principal.session_id, signed_in.session_and_stamp)


class SessionFreshness:
    """Times of confirmation; enough for an answer that reads no row, and for no other."""

    def __init__(self) -> None:
        self._confirmed_at: LRUCache[list[float]] = LRUCache(MAX_SESSIONS)

    def confirm(self, session: SessionStamp) -> None:
        """Note that the database shows the sign-in in force now."""
        self._time(session)[0] = monotonic()

    def is_fresh(self, session: SessionStamp) -> bool:
        """Return whether the sign-in was confirmed within the last second."""
        return monotonic() - self._time(session)[0] < FRESH_SECONDS

    def _time(self, session: SessionStamp) -> list[float]:
        return self._confirmed_at.get_or_make(session.stamp, lambda: [0.0])

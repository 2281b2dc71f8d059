"""Freshness of sign-ins: when, and in which snapshot, the database last confirmed each of them."""

from collections.abc import Sequence
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


@dataclass(slots=True)
class _Confirmation:
    """Last confirmation: its time, enough for an answer that reads no row, and its snapshot."""

    at: float = 0.0
    snapshot: str = ""


class SessionFreshness:
    """The last confirmation of each sign-in."""

    def __init__(self) -> None:
        self._confirmations: LRUCache[_Confirmation] = LRUCache(MAX_SESSIONS)

    def confirm(self, session: SessionStamp, snapshot: str | None) -> None:
        """Note that the database shows the sign-in in force now.

        Args:
            snapshot: snapshot that shows it; None if that is unknown, or the one noted before.
        """
        confirmation = self._of(session)
        confirmation.at = monotonic()
        if snapshot is not None:
            confirmation.snapshot = snapshot

    def is_fresh(self, session: SessionStamp) -> bool:
        """Return whether the sign-in was confirmed within the last second."""
        return monotonic() - self._of(session).at < FRESH_SECONDS

    def snapshot(self, sessions: Sequence[SessionStamp]) -> str:
        """Return the snapshot that shows all the sign-ins in force, or "" without one."""
        snapshots = {self._of(session).snapshot for session in sessions}
        return snapshots.pop() if len(snapshots) == 1 else ""

    def _of(self, session: SessionStamp) -> _Confirmation:
        return self._confirmations.get_or_make(session.stamp, _Confirmation)

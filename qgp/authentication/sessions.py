"""Cache of recent sign-ins, revalidated by a stamp from the database.

A cached sign-in saves the look-up of its user, not the check that it is valid: each read compares
the stamp with the database's (`qgp.accounts.facts.in_force`) in the same statement.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from qgp.authentication.tokens import REMEMBERED, Signer
from qgp.kit import clock
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import SignedIn
from qgp.users.facts import Member


@dataclass(frozen=True, slots=True)
class _Remembered:
    signed_in: SignedIn
    member: Member
    expires_at: datetime


class Sessions:
    """The recently validated sign-ins of one process, by access token."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._found: OrderedDict[str, _Remembered] = OrderedDict()

    def known(self, token: str) -> SignedIn | None:
        """Return the cached sign-in while token, sign-in and days of validity have not expired.

        Whether its stamp is current is checked in the database.
        """
        cached = self._found.get(token)
        if cached is None:
            return None
        try:
            self._signer.verify(token, now := clock.now())
        except Unauthenticated:
            self.forget(token)
            return None
        if cached.expires_at <= now or not cached.member.is_in_force:
            return None
        self._found.move_to_end(token)
        return cached.signed_in

    def remember(self, token: str, member: Member, log_in_id: UUID, *, until: datetime) -> None:
        """Cache the user of a token as just read; the same object if nothing has changed.

        Args:
            until: expiry of the sign-in.
        """
        before = self._found.get(token)
        if before is not None and before.member == member:
            signed_in = before.signed_in
        else:
            signed_in = SignedIn(member.signed_in(log_in_id), member.stamp)
        self._found[token] = _Remembered(signed_in, member, until)
        self._found.move_to_end(token)
        if len(self._found) > REMEMBERED:
            self._found.popitem(last=False)

    def forget(self, token: str) -> None:
        """Remove a token from the cache."""
        self._found.pop(token, None)

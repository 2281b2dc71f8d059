"""Who has signed in lately, and how the database shows that a sign-in still holds.

A remembered sign-in saves looking its user up, not asking whether it holds: whoever reads for it
compares the stamp with that of the database (`qgp.accounts.facts.in_force`), in the same statement.
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
    """The sign-ins of one process that were found in force lately, by access token."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._found: OrderedDict[str, _Remembered] = OrderedDict()

    def known(self, token: str) -> SignedIn | None:
        """Return the sign-in, as long as token, log-in and days of validity have not run out.

        The database alone knows whether its stamp is still the one remembered.
        """
        found = self._found.get(token)
        if found is None:
            return None
        try:
            self._signer.verify(token)
        except Unauthenticated:
            self.forget(token)
            return None
        if found.expires_at <= clock.now() or not found.member.is_in_force:
            return None
        self._found.move_to_end(token)
        return found.signed_in

    def remember(self, token: str, member: Member, log_in_id: UUID, *, until: datetime) -> None:
        """Keep what the database has just told of a token's user; the object, if nothing is new.

        Args:
            until: when the log-in ends by itself.
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
        """Know nothing of a token any more."""
        self._found.pop(token, None)

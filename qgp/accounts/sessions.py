"""Who has signed in lately, and how the database shows that a sign-in still holds.

A remembered sign-in saves looking its user up, not asking whether it holds: whoever reads for it
compares the stamp with what `in_force` tells in the same statement.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from qgp.accounts.membership import Member
from qgp.accounts.model import LogIn
from qgp.accounts.tokens import REMEMBERED, Signer
from qgp.kit import clock
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import SignedIn
from qgp.organizations.model import Organization
from qgp.users.model import User


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


def in_force(
    organization: sa.ColumnElement[UUID], log_ins: sa.ColumnElement[Sequence[UUID]]
) -> sa.ScalarSelect[Sequence[str]]:
    """Tell `<log-in> <stamp>` of each of these log-ins that nobody has revoked, as a text array.

    What time alone ends is `Sessions.known`'s affair. The organization is named beside row level
    security, which sees to the same.
    """
    stamped = sa.func.concat(
        LogIn.id,
        sa.literal_column("' '", sa.Text),
        User.version,
        sa.literal_column("'.'", sa.Text),
        Organization.version,
    )
    same_user = sa.and_(User.organization_id == LogIn.organization_id, User.id == LogIn.user_id)
    at_home = sa.and_(
        Organization.organization_id == User.organization_id,
        Organization.id == User.organization_id,
    )
    standing = (
        sa.select(stamped)
        .join_from(LogIn, User, same_user)
        .join(Organization, at_home)
        .where(
            LogIn.organization_id == organization,
            LogIn.id == sa.any_(log_ins),
            LogIn.revoked_at.is_(None),
        )
        .correlate(None)
    )
    told = sa.func.array(standing.scalar_subquery(), type_=sa.ARRAY(sa.Text))
    return sa.select(told).correlate(None).scalar_subquery()

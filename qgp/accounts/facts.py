"""Statements about sign-ins that are valid now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.accounts.model import LogIn
from qgp.authentication.tokens import RENEW, Claims
from qgp.kit import clock
from qgp.kit.errors import Unauthenticated
from qgp.kit.policy import Principal
from qgp.users.facts import Member, members_unfiltered


async def returning_unfiltered(session: AsyncSession, user_id: UUID, log_in_id: UUID) -> Principal:
    """Return the current principal of a sign-in, for a signed file address.

    Raises:
        Unauthenticated: the sign-in, its user or their organization is not active any more.
    """
    values = {"user": user_id, "log_in": log_in_id, "now": clock.now()}
    member, _ = _in_force((await session.execute(_RETURNING, values)).first())
    return member.signed_in(log_in_id)


async def bearer_unfiltered(session: AsyncSession, claims: Claims) -> tuple[Member, datetime]:
    """Return the user of an access token, and the expiry of their sign-in.

    Raises:
        Unauthenticated: the sign-in, its user or their organization is not active any more.
    """
    values = {
        "user": claims.user_id,
        "access": claims.access_version,
        "log_in": claims.log_in_id,
        "now": clock.now(),
    }
    return _in_force((await session.execute(_BEARER, values)).first())


def in_force(
    organization: sa.ColumnElement[UUID], log_ins: sa.ColumnElement[Sequence[UUID]]
) -> sa.ColumnElement[Sequence[str]]:
    """Tell `<log-in> <stamp>` of each of these log-ins that nobody has revoked, as a text array.

    What time alone ends is `Sessions.known`'s affair. The organization is named beside row level
    security, which sees to the same.
    """
    return sa.func.stamps_in_force(organization, log_ins, type_=sa.ARRAY(sa.Text))


def _in_force(row: sa.Row[Any] | None) -> tuple[Member, datetime]:
    if row is not None:
        columns: list[Any]
        *columns, until = row
        member = Member(*columns)
        if member.is_in_force:
            return member, until
    raise Unauthenticated(f"This sign-in has ended. {RENEW}")


def _members(**values: Any) -> sa.Select[Any]:
    is_of_member = members_unfiltered(
        id=LogIn.user_id, organization_id=LogIn.organization_id, **values
    )
    return is_of_member.where(
        LogIn.user_id == sa.bindparam("user"),
        LogIn.id == sa.bindparam("log_in"),
        LogIn.revoked_at.is_(None),
        LogIn.expires_at > sa.bindparam("now"),
    ).add_columns(LogIn.expires_at)


# Made once: to build it anew cost as much as to run it.
_RETURNING = _members()
_BEARER = _members(access_version=sa.bindparam("access"))

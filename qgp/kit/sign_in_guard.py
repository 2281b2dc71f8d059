"""Sign-in guard: a transaction that begins only while the sign-in of its user is in force.

The check travels with BEGIN, so that it takes no round trip of its own. It compares the stamp of a
cached sign-in, as the session guard of planned reads does.
"""

from contextlib import AbstractContextManager
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.exc import DBAPIError

from qgp.kit.policy import SignedIn
from qgp.kit.session import OrganizationSession

_SIGN_IN = "sign_in"  # key in the session's info
_ENDED = "QG004"  # SQLSTATE of the function `require_sign_in`


class SignInEnded(Exception):
    """The sign-in is not in force as it was cached; nothing was executed."""


class _EndedSignIns:
    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Raise SignInEnded in place of the error of a transaction that did not begin."""
        if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == _ENDED:
            raise SignInEnded from error


_ENDED_SIGN_INS = _EndedSignIns()


def ended_sign_ins() -> AbstractContextManager[None]:
    """Raise SignInEnded where a transaction within the block did not begin because of it."""
    return _ENDED_SIGN_INS


def require_sign_in(session: Any, signed_in: SignedIn) -> None:
    """Let the transaction of a session begin only while the sign-in is in force."""
    session.info[_SIGN_IN] = signed_in


@event.listens_for(OrganizationSession, "after_begin")
def _add_guard(
    session: orm.Session, transaction: orm.SessionTransaction, connection: sa.Connection
) -> None:
    """Add the check to the setup of the transaction, behind its role and organization."""
    signed_in: SignedIn | None = session.info.get(_SIGN_IN)
    if signed_in is not None and not transaction.nested:
        driver = cast(Any, connection.connection.driver_connection)
        sign_in = f"'{signed_in.principal.session_id}','{signed_in.stamp}'"
        driver.setup_sql += f";SELECT require_sign_in({sign_in})"

"""Signed addresses: what one names, for whom, and until when.

They end with the sign-in in which they were issued, and the user's permission is checked again when
they are used.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from qgp.authentication.keyring import NOT_GENUINE, Keyring, Kind
from qgp.authentication.services import services_of
from qgp.kit import clock
from qgp.kit.context import Context

HOLDS = timedelta(minutes=10)
CLAIMS = ("iss", "aud", "sub", "tid", "uid", "sid", "exp")


class NoLink(Exception):
    """The signature is not genuine, for another subject or purpose, or has expired."""


@dataclass(frozen=True)
class SignedLink:
    """Claims of a signed address.

    Attributes:
        subject: `sub`, what the address names.
        organization_id: `tid`.
        user_id: `uid`, the user.
        log_in_id: `sid`, the sign-in with which it ends.
    """

    subject: str
    organization_id: UUID
    user_id: UUID
    log_in_id: UUID


def sign(context: Context, kind: Kind, subject: str, until: datetime) -> str:
    """Return the signature for the caller."""
    caller = context.caller
    claims = {
        "sub": subject,
        "tid": str(caller.organization_id),
        "uid": str(caller.user_id),
        "sid": str(caller.session_id),
        "exp": int(until.timestamp()),
    }
    return services_of(context).signer.keyring.sign(kind, claims)


def prove(keyring: Keyring, kind: Kind, signature: str) -> SignedLink:
    """Return the claims of a genuine signature that is valid now.

    Raises:
        NoLink: anything else.
    """
    try:
        claims = keyring.prove(kind, signature)
        ids = [UUID(str(claims[name])) for name in ("tid", "uid", "sid")]
        has_ended = clock.now().timestamp() >= int(claims["exp"])
    except NOT_GENUINE:
        raise NoLink from None
    if has_ended:
        raise NoLink
    return SignedLink(str(claims["sub"]), *ids)

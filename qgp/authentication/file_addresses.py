"""Addresses that let their holder send or fetch one file for some minutes.

They hold as long as the sign-in in which they were made, and what its user may see is looked at
again when they are used.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from qgp.authentication.keyring import NOT_GENUINE, Keyring, Kind
from qgp.authentication.services import services_of
from qgp.kit import clock
from qgp.kit.context import Context
from qgp.kit.model import Record

PATH = "/files/"
HOLDS = timedelta(minutes=10)
_STEP = 300  # seconds for which the address to fetch a file from stays the same
_CLAIMS = ("iss", "aud", "sub", "tid", "uid", "sid", "exp")
UPLOAD = Kind("upload+jwt", "qgp-upload", _CLAIMS)
DOWNLOAD = Kind("download+jwt", "qgp-download", _CLAIMS)


class NoLink(Exception):
    """Nothing that we signed for this file and purpose, or not any more."""


@dataclass(frozen=True)
class Link:
    """What a signature says.

    Attributes:
        attachment_id: `sub`.
        organization_id: `tid`.
        user_id: `uid`, in whose name.
        log_in_id: `sid`, the sign-in with which it ends.
    """

    attachment_id: UUID
    organization_id: UUID
    user_id: UUID
    log_in_id: UUID


def address(context: Context, kind: Kind, attachment: Record, until: datetime) -> str:
    """Return the address for the caller; what is secret stands in its query."""
    keyring, caller = services_of(context).signer.keyring, context.caller
    claims = {
        "sub": str(attachment.id),
        "tid": str(attachment.organization_id),
        "uid": str(caller.user_id),
        "sid": str(caller.session_id),
        "exp": int(until.timestamp()),
    }
    signature = keyring.sign(kind, claims)
    return f"{context.public_url}{PATH}{attachment.public_id}?signature={signature}"


def prove(keyring: Keyring, kind: Kind, signature: str) -> Link:
    """Return what a genuine signature says that holds now.

    Raises:
        NoLink: anything else.
    """
    try:
        claims = keyring.prove(kind, signature)
        ids = [UUID(str(claims[name])) for name in ("sub", "tid", "uid", "sid")]
        has_ended = clock.now().timestamp() >= int(claims["exp"])
    except NOT_GENUINE:
        raise NoLink from None
    if has_ended:
        raise NoLink
    return Link(*ids)


def upload_until() -> datetime:
    """Return the end of an address that is made now to send a file to."""
    return (clock.now() + HOLDS).replace(microsecond=0)


def download_until() -> datetime:
    """Return the end of an address to fetch a file from: 10 to 15 minutes from now.

    It moves in steps, so that a page which is read again shows the same address.
    """
    earliest = int((clock.now() + HOLDS).timestamp())
    return datetime.fromtimestamp(-(-earliest // _STEP) * _STEP, UTC)

"""Signed addresses for the upload or download of one file within some minutes.

They end with the sign-in in which they were issued, and the user's permission is checked again when
they are used.
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
    """The signature is not genuine, for another file or purpose, or has expired."""


@dataclass(frozen=True)
class Link:
    """Claims of a signed address.

    Attributes:
        attachment_id: `sub`.
        organization_id: `tid`.
        user_id: `uid`, the user.
        log_in_id: `sid`, the sign-in with which it ends.
    """

    attachment_id: UUID
    organization_id: UUID
    user_id: UUID
    log_in_id: UUID


def address(context: Context, kind: Kind, attachment: Record, until: datetime) -> str:
    """Return the address for the caller; its query contains the signature."""
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
    """Return the claims of a genuine signature that is valid now.

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
    """Return the expiry of an upload address that is issued now."""
    return (clock.now() + HOLDS).replace(microsecond=0)


def download_until() -> datetime:
    """Return the expiry of a download address: 10 to 15 minutes from now.

    It is rounded up, so that a page read again shows the same address.
    """
    earliest = int((clock.now() + HOLDS).timestamp())
    return datetime.fromtimestamp(-(-earliest // _STEP) * _STEP, UTC)

"""Signed addresses for the upload or download of one file within some minutes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from qgp.authentication import signed_addresses
from qgp.authentication.keyring import Keyring, Kind
from qgp.authentication.signed_addresses import CLAIMS, HOLDS, NoLink
from qgp.kit import clock
from qgp.kit.context import Context
from qgp.kit.model import Record

PATH = "/files/"
DISPOSITION = "disposition"  # query parameter of a download: attachment or inline
_STEP = 300  # seconds for which the address to fetch a file from stays the same
UPLOAD = Kind("upload+jwt", "qgp-upload", CLAIMS)
DOWNLOAD = Kind("download+jwt", "qgp-download", CLAIMS)


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
    signature = signed_addresses.sign(context, kind, str(attachment.id), until)
    return f"{context.public_url}{PATH}{attachment.public_id}?signature={signature}"


def shown_in_place(url: str) -> str:
    """Return a download address by which a browser shows the file in place."""
    return f"{url}&{DISPOSITION}=inline"


def prove(keyring: Keyring, kind: Kind, signature: str) -> Link:
    """Return the claims of a genuine signature that is valid now.

    Raises:
        NoLink: anything else.
    """
    link = signed_addresses.prove(keyring, kind, signature)
    try:
        attachment_id = UUID(link.subject)
    except ValueError:
        raise NoLink from None
    return Link(attachment_id, link.organization_id, link.user_id, link.log_in_id)


def upload_until() -> datetime:
    """Return the expiry of an upload address that is issued now."""
    return (clock.now() + HOLDS).replace(microsecond=0)


def download_until() -> datetime:
    """Return the expiry of a download address: 10 to 15 minutes from now.

    It is rounded up, so that a page read again shows the same address.
    """
    earliest = int((clock.now() + HOLDS).timestamp())
    return datetime.fromtimestamp(-(-earliest // _STEP) * _STEP, UTC)

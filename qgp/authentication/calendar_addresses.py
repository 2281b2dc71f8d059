"""Addresses of calendar feeds: a random secret with the organization in which it is looked up.

An address works until it is revoked, without any sign-in, so only the hash of its secret is stored.
The organization is no secret: it names the rows that the look-up may see before a user is known.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from uuid import UUID

PATH = "/calendar/"
_SUFFIX = ".ics"
_ID_BYTES, _SECRET_BYTES = 16, 32  # together a multiple of 3, so that each token has one spelling
_TOKEN = re.compile(r"[A-Za-z0-9_-]{64}")


@dataclass(frozen=True)
class CalendarAddress:
    """Organization of a feed and the SHA-256 of its secret."""

    organization_id: UUID
    secret_hash: bytes


def new_token(organization_id: UUID) -> str:
    """Return a new token with a secret of 256 bits, 64 characters long."""
    content = organization_id.bytes + secrets.token_bytes(_SECRET_BYTES)
    return base64.urlsafe_b64encode(content).decode()


def address_of(token: str) -> CalendarAddress | None:
    """Return the address that a token stands for, or None if it has not the form of one."""
    if not _TOKEN.fullmatch(token):
        return None
    content = base64.urlsafe_b64decode(token)
    id, secret = content[:_ID_BYTES], content[_ID_BYTES:]
    return CalendarAddress(UUID(bytes=id), hashlib.sha256(secret).digest())


def url_of(public_url: str, token: str) -> str:
    """Return the absolute URL of a feed."""
    return f"{public_url}{PATH}{token}{_SUFFIX}"

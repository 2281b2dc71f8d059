"""Access tokens of requests, read without a look at whether their sign-in is in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from qgp.authentication.tokens import LEEWAY, Signer, bearer
from qgp.kit.errors import Unauthenticated


@dataclass(frozen=True)
class BearerTokens:
    """Reader of access tokens in headers `Authorization`."""

    signer: Signer

    def user_id(self, authorization: str) -> UUID | None:
        """Return the user whom a token names; None if it is invalid."""
        try:
            return self.signer.verify(bearer(authorization)).user_id
        except Unauthenticated:
            return None

    def expiry(self, authorization: str) -> datetime | None:
        """Return the instant from which a token is refused, past or not; None if it is invalid."""
        try:
            return self.signer.claims(bearer(authorization)).expires_at + LEEWAY
        except Unauthenticated:
            return None

"""Access tokens of requests, read without a look at whether their sign-in is in force."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from qgp.authentication.tokens import LEEWAY, Claims, Signer, bearer
from qgp.kit.errors import Unauthenticated


@dataclass(frozen=True)
class BearerTokens:
    """Reader of access tokens in headers `Authorization`."""

    signer: Signer

    def user_id(self, authorization: str) -> UUID | None:
        """Return the user whom a token names; None if it is invalid."""
        claims = self._claims(authorization)
        return None if claims is None else claims.user_id

    def expiry(self, authorization: str) -> datetime | None:
        """Return the instant from which a token is refused; None if it is invalid."""
        claims = self._claims(authorization)
        return None if claims is None else claims.expires_at + LEEWAY

    def _claims(self, authorization: str) -> Claims | None:
        try:
            return self.signer.verify(bearer(authorization))
        except Unauthenticated:
            return None

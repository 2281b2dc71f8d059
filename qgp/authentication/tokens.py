"""Access tokens: signed claims (RFC 8725, RFC 9068) that identify a sign-in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from qgp.authentication.keyring import NOT_GENUINE, Keyring, Kind
from qgp.kit import clock, ids
from qgp.kit.errors import Unauthenticated

LEEWAY = timedelta(seconds=10)
REMEMBERED = 4096  # tokens whose signature need not be checked again
CLAIMS = ("iss", "aud", "sub", "exp", "iat", "jti", "sid", "tid", "ver")
RENEW = "Call `tokenRefresh` or `login`, and send it without the Authorization header."
ACCESS = Kind("at+jwt", "qgp-api", CLAIMS)


@dataclass(frozen=True)
class Claims:
    """Claims of an access token.

    Attributes:
        user_id: `sub`.
        organization_id: `tid`.
        log_in_id: `sid`, the row that logging out revokes.
        access_version: `ver`; another one in the user's row ends the token.
        issued_at, expires_at: `iat` and `exp`, whole seconds.
    """

    user_id: UUID
    organization_id: UUID
    log_in_id: UUID
    access_version: int
    issued_at: datetime
    expires_at: datetime


class Signer:
    """Issues and verifies access tokens.

    Args:
        keys: by `kid`; the first signs, all of them verify, so that keys can be rotated.
        algorithm: the only one accepted, `HS256`, `HS384` or `HS512`.
        lifetime: from `iat` to `exp`.
    """

    def __init__(
        self,
        keys: Mapping[str, str],
        *,
        algorithm: str = "HS256",
        lifetime: timedelta = timedelta(minutes=30),
    ) -> None:
        self.lifetime = lifetime
        self.keyring = Keyring(keys, algorithm=algorithm)
        self._genuine = lru_cache(maxsize=REMEMBERED)(self._prove)

    def issue(
        self, *, user_id: UUID, organization_id: UUID, log_in_id: UUID, access_version: int
    ) -> str:
        """Issue a token that is valid from now on for `lifetime`."""
        issued = int(clock.now().timestamp())
        claims = {
            "sub": str(user_id),
            "iat": issued,
            "exp": issued + int(self.lifetime.total_seconds()),
            "jti": ids.uuid7().hex,
            "sid": str(log_in_id),
            "tid": str(organization_id),
            "ver": access_version,
        }
        return self.keyring.sign(ACCESS, claims)

    def verify(self, token: str, at: datetime | None = None) -> Claims:
        """Return the claims of a genuine token that is valid; a signature is verified once.

        Args:
            at: time at which it is valid; None for now.

        Raises:
            Unauthenticated: anything else.
        """
        claims = self.claims(token)
        now = at or clock.now()
        if now >= claims.expires_at + LEEWAY:
            raise Unauthenticated(f"The access token has expired. {RENEW}")
        if claims.issued_at > now + LEEWAY:
            raise _invalid()
        return claims

    def claims(self, token: str) -> Claims:
        """Return the claims of a genuine token, also of one that has expired.

        Raises:
            Unauthenticated: it is not genuine.
        """
        try:
            return self._genuine(token)
        except NOT_GENUINE:
            raise _invalid() from None

    def _prove(self, token: str) -> Claims:
        """Verify the parts of a token that do not depend on time."""
        claims = _read(self.keyring.prove(ACCESS, token))
        if not timedelta(0) < claims.expires_at - claims.issued_at <= self.lifetime + LEEWAY:
            raise ValueError("another lifetime")
        return claims


def _read(payload: Mapping[str, Any]) -> Claims:
    if any(type(payload[name]) is not int for name in ("iat", "exp", "ver")):
        raise ValueError("not a whole number")
    return Claims(
        user_id=ids.from_text(str(payload["sub"])),
        organization_id=ids.from_text(str(payload["tid"])),
        log_in_id=ids.from_text(str(payload["sid"])),
        access_version=payload["ver"],
        issued_at=datetime.fromtimestamp(payload["iat"], UTC),
        expires_at=datetime.fromtimestamp(payload["exp"], UTC),
    )


def _invalid() -> Unauthenticated:
    return Unauthenticated(f"The access token is not valid. {RENEW}")


def bearer(authorization: str) -> str:
    """Return the token of an `Authorization` header (RFC 6750, 2.1).

    Raises:
        Unauthenticated: it is of another scheme.
    """
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the header `Authorization: Bearer <accessToken>`.")
    return token.strip()

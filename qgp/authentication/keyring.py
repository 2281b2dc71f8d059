"""Keys that sign tokens and verify them (RFC 8725)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ISSUER = "qgp"
LARGEST = 4096  # bytes of a token worth parsing

# What reading a token that nobody here signed may raise.
NOT_GENUINE = (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError)


def derive_key(secret: str, purpose: str) -> bytes:
    """Derive the 32-byte key of a purpose from a secret by HKDF (RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=f"qgp {purpose}".encode()).derive(secret.encode())


@dataclass(frozen=True)
class Kind:
    """A class of tokens; one is never taken for another (RFC 8725, 3.12).

    Attributes:
        type: `typ` of the header.
        audience: `aud`.
        claims: required in each token of the class.
    """

    type: str
    audience: str
    claims: tuple[str, ...]


class Keyring:
    """Signs with one key and verifies with several, so that keys can be rotated.

    Args:
        keys: by `kid`; the first signs, all of them verify.
        algorithm: the only one accepted, `HS256`, `HS384` or `HS512`.
    """

    def __init__(self, keys: Mapping[str, str], *, algorithm: str = "HS256") -> None:
        self._keys = dict(keys)
        self._key_id, self._key = next(iter(self._keys.items()))
        self._algorithm = algorithm

    def sign(self, kind: Kind, claims: Mapping[str, Any]) -> str:
        """Sign the claims, `iss` and `aud` added."""
        claims_of_token = {"iss": ISSUER, "aud": kind.audience, **claims}
        header = {"typ": kind.type, "kid": self._key_id}
        return jwt.encode(claims_of_token, self._key, algorithm=self._algorithm, headers=header)

    def derive(self, purpose: str) -> bytes:
        """Derive the key of a purpose from the signing key."""
        return derive_key(self._key, purpose)

    def prove(self, kind: Kind, token: str) -> Mapping[str, Any]:
        """Return the claims of a genuine token of the class; its times are not checked.

        Raises:
            NOT_GENUINE: one of these, whatever is wrong with the token.
        """
        if len(token) > LARGEST:
            raise ValueError("too large")
        key = self._keys[jwt.get_unverified_header(token)["kid"]]
        genuine = jwt.decode_complete(
            token,
            key,
            algorithms=[self._algorithm],
            audience=kind.audience,
            issuer=ISSUER,
            # whoever asks compares the times with our clock
            options={
                "require": list(kind.claims),
                "verify_exp": False,
                "verify_iat": False,
                "strict_aud": True,
                "enforce_minimum_key_length": True,
            },
        )
        if genuine["header"].get("typ") != kind.type:
            raise ValueError("another class of token")
        claims: Mapping[str, Any] = genuine["payload"]
        return claims

"""Encryption of secrets that the server needs back, by a key derived from SECRET_KEY."""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12  # bytes (NIST SP 800-38D, 8.2.2: random)


class SecretUnreadable(Exception):
    """A secret that was encrypted by another key, or for another purpose."""


@dataclass(frozen=True)
class SecretBox:
    """Encrypts by AES-256-GCM.

    Attributes:
        key: 32 bytes.
    """

    key: bytes = field(repr=False)

    def seal(self, text: str, purpose: str) -> bytes:
        """Encrypt a text; only the same purpose, such as its record, reads it again."""
        nonce = os.urandom(_NONCE)
        return nonce + AESGCM(self.key).encrypt(nonce, text.encode(), purpose.encode())

    def unseal(self, sealed: bytes, purpose: str) -> str:
        """Decrypt a text.

        Raises:
            SecretUnreadable: another key or purpose encrypted it.
        """
        nonce, content = sealed[:_NONCE], sealed[_NONCE:]
        try:
            return AESGCM(self.key).decrypt(nonce, content, purpose.encode()).decode()
        except InvalidTag:
            raise SecretUnreadable from None

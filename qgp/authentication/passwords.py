"""Password policy, and hashing in threads with a bounded queue."""

import asyncio
import base64
import secrets
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qgp.kit.errors import (
    Invalid,
    InvalidFormat,
    OutOfRange,
    TooLong,
    Unavailable,
    max_length,
    written_as,
)
from qgp.kit.text_normalization import composed

T = TypeVar("T")
SHORTEST, LONGEST = 12, 128  # characters, after NFC
AT_ONCE, QUEUED = 2, 16  # hashes; each takes its full memory
_AROUND = "0123456789 !\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"


def check_fit(password: str, *path: str, email: str) -> None:
    """Refuse a password that is too short, too long, common or the e-mail address.

    Digits and punctuation around it are ignored. There are no composition rules (NIST SP 800-63B,
    3.1.1.2).

    Args:
        path: locates the input.
        email: the address that the account signs in with.

    Raises:
        Invalid: the password is not acceptable.
    """
    text = composed(password, LONGEST, *path)
    if not SHORTEST <= len(text) <= LONGEST:
        message = (
            f"The password has {len(text)} characters. It has {SHORTEST} to {LONGEST}; choose "
            "another."
        )
        if len(text) > LONGEST:
            raise TooLong(message, *path, constraint=max_length(LONGEST))
        raise OutOfRange(message, *path, constraint=f"minLength={SHORTEST}")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in text):
        raise InvalidFormat(
            "The password contains control characters. They are not allowed; remove them.",
            *path,
            constraint=written_as(pattern=r"\P{C}*"),
        )
    if _is_address(text.casefold(), email.casefold()):
        raise Invalid(
            "The password is your e-mail address. It is not accepted as a password; choose "
            "another.",
            *path,
        )
    if _is_common(text.casefold()):
        raise Invalid(
            "The password is one of the most common ones. These are not accepted; choose another.",
            *path,
        )


def _is_common(text: str) -> bool:
    repeats_after = (text + text).find(text, 1)
    core = text[:repeats_after].strip(_AROUND)
    return len(core) < 3 or text in _common() or core in _common()


def _is_address(text: str, email: str) -> bool:
    """Whether a password is the address, or its local part, in any case."""
    local = email.rpartition("@")[0]
    return text.strip(_AROUND) in {part.strip(_AROUND) for part in (email, local)}


@cache
def _common() -> frozenset[str]:
    """Return the 30,000 most used passwords, in lower case."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 - loads 94,000 words

    return frozenset(FREQUENCY_LISTS["passwords"])


@dataclass(frozen=True)
class Proof:
    """The result of verifying a password.

    Attributes:
        is_right: whether it is the account's.
        fresh: the hash with the current parameters, if the stored one has former ones.
    """

    is_right: bool
    fresh: str | None = None


class Hasher:
    """argon2id in two threads of its own, with a short queue (RFC 9106, R-24).

    Args:
        memory_kib, passes, lanes: the cost of one hash; the defaults take 64 MiB.
    """

    def __init__(self, *, memory_kib: int = 65_536, passes: int = 3, lanes: int = 4) -> None:
        self._argon2 = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=lanes)
        salt, digest = (
            base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32)
        )
        self._nobodys = f"$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${digest}"
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._places = threading.BoundedSemaphore(AT_ONCE + QUEUED)

    async def hash(self, password: str) -> str:
        """Hash a password with a fresh salt.

        Raises:
            Unavailable: the queue is full.
        """
        return await self._run(lambda: self._argon2.hash(_bytes(password)))

    async def check(self, stored: str | None, password: str) -> Proof:
        """Compare a password with a stored hash; None takes as long and is never right.

        Raises:
            Unavailable: the queue is full.
        """
        return await self._run(lambda: self._check(stored or self._nobodys, _bytes(password)))

    def _check(self, stored: str, password: bytes) -> Proof:
        try:
            self._argon2.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return Proof(is_right=False)
        is_old = self._argon2.check_needs_rehash(stored)
        return Proof(is_right=True, fresh=self._argon2.hash(password) if is_old else None)

    async def _run(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise Unavailable(
                "The server is verifying too many passwords at the moment. Its queue is full; try "
                "again in 2 seconds.",
                seconds=2,
            )
        task = self._threads.submit(work)
        task.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(task)


def _bytes(password: str) -> bytes:
    return composed(password, LONGEST, "password").encode("utf-8", "surrogatepass")

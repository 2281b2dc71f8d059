"""Secret keys: strength, key ids, and the keys that development generates for itself."""

import hashlib
import itertools
import json
import math
import os
import re
import secrets
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MINIMUM_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}

_ANYWHERE = (
    "change-me", "changeit", "changeme", "default", "development", "example", "generate",
    "insecure", "not-for-production", "password", "placeholder", "replace", "sandbox", "secret",
)  # fmt: skip
_WORDS = {"dev", "key", "local", "qgp", "test", "todo", "xxx", "your"}
_LEAST_BITS = 100


def weakness(key: str, *, at_least: int = 32) -> str | None:
    """Return why a key is too weak for production, or None; never quotes the key.

    Args:
        key: the key.
        at_least: bytes of UTF-8 that it must have.
    """
    if _is_placeholder(key):
        return "is a placeholder"
    if len(key.encode()) < at_least:
        return f"is shorter than {at_least} bytes"
    if _is_monotonous(key):
        return "is too easy to guess"
    return None


def key_id(key: str) -> str:
    """Return the `kid` under which a token names the key that signed it: 16 hex digits."""
    return hashlib.sha256(b"qgp kid\0" + key.encode()).hexdigest()[:16]


def keep_secrets(folder: Path) -> Mapping[str, str]:
    """Return SECRET_KEY and JWT_SECRET_KEY of development, generated at random the first time.

    They stay in `folder`/secrets.json, readable by its owner alone, so that sessions outlive a
    restart.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "secrets.json"
    if not path.exists():
        fresh = {name: secrets.token_urlsafe(32) for name in ("SECRET_KEY", "JWT_SECRET_KEY")}
        _write_once(path, json.dumps(fresh))
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def _write_once(path: Path, text: str) -> None:
    """Write a private file atomically; of two concurrent writers, the first one wins."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()


def _is_placeholder(key: str) -> bool:
    text = key.lower()
    if text.startswith("<") or text.endswith(">"):
        return True
    words = set(re.split(r"[^a-z0-9]+", text))
    return bool(words & _WORDS) or any(word in text for word in _ANYWHERE)


def _is_monotonous(key: str) -> bool:
    """Whether a key repeats itself, counts up or down, or uses too few characters."""
    half = len(key) // 2
    if any(key[period:] == key[:-period] for period in range(1, half + 1)):
        return True
    steps = [ord(later) - ord(earlier) for earlier, later in itertools.pairwise(key)]
    if sum(abs(step) <= 1 for step in steps) > len(steps) / 2:
        return True
    shares = [count / len(key) for count in Counter(key).values()]
    return -len(key) * sum(share * math.log2(share) for share in shares) < _LEAST_BITS

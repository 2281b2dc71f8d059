"""Automatic persisted queries: documents that clients send once, then name by their SHA-256.

The protocol is Apollo's: `extensions.persistedQuery` holds `version` 1 and `sha256Hash`. A hash
alone is answered PERSISTED_QUERY_NOT_FOUND until the document came with it, passed every limit and
was valid. Each process has a bounded store; it evicts documents of the owner who fills most of it,
so no owner evicts what others use. All anonymous callers count as one owner.
"""

import re
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from hashlib import sha256
from typing import Any

from graphql import GraphQLError

from qgp.http.http_errors import HttpError

ANONYMOUS = "anonymous"
_HASH = re.compile(r"[0-9a-f]{64}")


class PersistedDocuments:
    """Documents that clients may name by their hash.

    Args:
        is_on: whether documents are kept; otherwise clients have to send them each time.
        most: maximum of documents.
        most_bytes: maximum of the total length, in bytes of UTF-8.
    """

    def __init__(
        self, *, is_on: bool = True, most: int = 1_000, most_bytes: int = 4 * 1024 * 1024
    ) -> None:
        self.is_on = is_on
        self._most, self._most_bytes = most, most_bytes
        self._texts: dict[str, tuple[str, Hashable]] = {}
        self._of: dict[Hashable, OrderedDict[str, int]] = {}  # bytes by hash, oldest use first
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._texts)

    def resolve(self, query: Any, extensions: Mapping[str, Any]) -> tuple[Any, str | None]:
        """Return the document of a request, and its hash if both were sent.

        Raises:
            HttpError: 400; the extension is malformed, or its hash is that of another document.
            GraphQLError: the hash is unknown, or persisted documents are off.
        """
        if (extension := extensions.get("persistedQuery")) is None:
            return query, None
        digest = _digest(extension)
        if not isinstance(query, str) or not query.strip():
            return self._find(digest), None
        if sha256(query.encode("utf-8", "surrogatepass")).hexdigest() != digest:
            raise HttpError(
                400, "`sha256Hash` is not the SHA-256 of `query`. Send the hash of this document."
            )
        return query, digest

    def keep(self, digest: str, text: str, owner: Hashable) -> None:
        """Keep a document that is valid and within the limits."""
        if not self.is_on or digest in self._texts:
            return
        size = len(text.encode())
        self._texts[digest] = text, owner
        self._of.setdefault(owner, OrderedDict())[digest] = size
        self._bytes += size
        while len(self._texts) > self._most or self._bytes > self._most_bytes:
            self._evict_one()

    def _find(self, digest: str) -> str:
        if not self.is_on:
            raise _miss("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")
        if (stored := self._texts.get(digest)) is None:
            raise _miss("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        text, owner = stored
        self._of[owner].move_to_end(digest)
        return text

    def _evict_one(self) -> None:
        """Evict the least recently used document of the owner with the most bytes."""
        owner = max(self._of, key=lambda one: sum(self._of[one].values()))
        digest, size = self._of[owner].popitem(last=False)
        if not self._of[owner]:
            del self._of[owner]
        del self._texts[digest]
        self._bytes -= size


def _digest(extension: Any) -> str:
    digest = extension.get("sha256Hash") if isinstance(extension, dict) else None
    if not isinstance(digest, str) or extension.get("version") != 1:
        raise HttpError(400, "`persistedQuery` must hold `version` 1 and `sha256Hash`.")
    if not _HASH.fullmatch(digest := digest.lower()):
        raise HttpError(400, "`sha256Hash` must be a SHA-256 in 64 hexadecimal digits.")
    return digest


def _miss(message: str, code: str) -> GraphQLError:
    """Return the error with the message and code that Apollo's and urql's clients expect."""
    return GraphQLError(message, extensions={"code": code})

"""Uploaded files, which commands of any module read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from qgp.kit.work import Work


class UploadedFile(Protocol):
    """Uploaded file that is visible to the caller."""

    @property
    def filename(self) -> str:
        """Name of the file."""

    @property
    def size_bytes(self) -> int:
        """Size in bytes."""

    @property
    def content_type(self) -> str:
        """Detected media type; a text is in UTF-8."""

    @property
    def parts(self) -> Callable[[], AsyncIterator[bytes]]:
        """Function that yields the bytes in parts; raises Unavailable where the storage fails."""


@dataclass(frozen=True)
class Uploads:
    """Access to uploaded files, which the application injects.

    Attributes:
        find: returns an upload by its id; the text locates the id in the input.
    """

    find: Callable[[Work, UUID, str], Awaitable[UploadedFile]]

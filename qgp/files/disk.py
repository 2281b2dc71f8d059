"""Bytes on a disk of ours: written whole or not at all, and there after a power cut."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import anyio

from qgp.files.storage import Address, Source, StorageAway, addresses, owners

T = TypeVar("T")


@dataclass(frozen=True)
class Disk:
    """A folder, `<organization>/<two digits>/<sha256>` in it, and drafts beside them."""

    folder: Path

    @property
    def incoming(self) -> Path:
        """Where drafts are written: on the same file system, so that they can be renamed."""
        return self.folder / "incoming"

    async def keep(self, address: Address, draft: Path) -> None:
        """Give a draft its place by a rename, which is there wholly or not at all."""
        await _done(partial(_place, draft, self._path(address)))

    @asynccontextmanager
    async def open(self, address: Address, size: int) -> AsyncIterator[Source]:  # noqa: ARG002
        """Open the file."""
        try:
            file = await anyio.open_file(self._path(address), "rb")
        except FileNotFoundError:
            raise
        except OSError as failure:
            raise StorageAway from failure
        async with file:
            yield file

    async def remove(self, address: Address) -> None:
        """Remove the file; its folder stays."""
        await _done(partial(self._path(address).unlink, missing_ok=True))

    async def kept(self, organization_id: UUID) -> AsyncIterator[Sequence[Address]]:
        """Tell the files of each folder."""
        for folder in await _done(partial(_listed, self.folder / organization_id.hex)):
            found = await _done(partial(_listed, folder))
            yield addresses(organization_id, [path.name for path in found])

    async def organizations(self) -> Sequence[UUID]:
        """Tell the folders that are named after organizations."""
        found = await _done(partial(_listed, self.folder))
        return owners(path.name for path in found)

    def _path(self, address: Address) -> Path:
        return self.folder / address.name


async def _done(act: Callable[[], T]) -> T:
    """Let a thread touch the disk.

    Raises:
        StorageAway: the disk is full, read-only, or away.
    """
    with _worded():
        return await asyncio.to_thread(act)


@contextmanager
def _worded() -> Iterator[None]:
    try:
        yield
    except OSError as failure:
        raise StorageAway from failure


def _place(draft: Path, place: Path) -> None:
    folders = list(place.parents)[:3]
    for folder in reversed(folders):
        folder.mkdir(mode=0o700, exist_ok=True)  # a mode is given to the last of several only
    draft.replace(place)
    for folder in folders:
        _settle(folder)  # the names have to reach the disk too


def _settle(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _listed(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []

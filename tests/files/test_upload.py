import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from qgp.files.media_types import UnsupportedMediaType
from qgp.files.storage import StorageUnavailable
from qgp.files.upload import (
    DeclaredFile,
    Draft,
    UploadMismatch,
    UploadTooLarge,
    receive_draft,
)
from tests.files.samples import PDF, PNG


def promise(data: bytes, name: str = "file") -> DeclaredFile:
    return DeclaredFile(len(data), hashlib.sha256(data).hexdigest(), name)


async def chunks(data: bytes, size: int = 7) -> AsyncIterator[bytes]:
    for place in range(0, len(data), size):
        yield data[place : place + size]


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


async def test_what_was_promised_becomes_a_draft(tmp_path: Path) -> None:
    async with receive_draft(chunks(PDF), promise(PDF), tmp_path / "new") as draft:
        assert draft.path.read_bytes() == PDF
        assert draft.path.stat().st_mode & 0o777 == 0o600
        assert (draft.content_type, draft.size) == ("application/pdf", len(PDF))
    assert left(tmp_path / "new") == []


async def test_a_draft_that_found_its_place_stays_there(tmp_path: Path) -> None:
    async with receive_draft(chunks(PDF), promise(PDF), tmp_path / "new") as draft:
        draft.path.rename(tmp_path / "kept")
    assert (tmp_path / "kept").read_bytes() == PDF


@pytest.mark.parametrize(
    ("sent", "said", "error"),
    [
        (PDF + b"x", PDF, UploadTooLarge),
        (PDF[:-1], PDF, UploadMismatch),
        (PDF[:-1] + b"x", PDF, UploadMismatch),
        (b"", PDF, UploadMismatch),
        (b"\x7fELF" + bytes(9000), b"\x7fELF" + bytes(9000), UnsupportedMediaType),
        (b"PK\x03\x04" + bytes(9000), b"PK\x03\x04" + bytes(9000), UnsupportedMediaType),
    ],
)
async def test_anything_else_leaves_nothing(
    tmp_path: Path, sent: bytes, said: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        async with receive_draft(chunks(sent), promise(said), tmp_path):
            raise AssertionError
    assert left(tmp_path) == []


async def test_what_is_of_no_use_is_refused_before_it_is_all_here(tmp_path: Path) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 4096
            yield b"\x7fELF" + bytes(4092)

    with pytest.raises(UnsupportedMediaType):
        async with receive_draft(endless(), DeclaredFile(10**9, "0" * 64, "file"), tmp_path):
            raise AssertionError
    assert read == 4096


async def test_a_client_that_goes_away_leaves_nothing(tmp_path: Path) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield PNG
        raise ConnectionAbortedError

    with pytest.raises(StorageUnavailable):
        async with receive_draft(broken(), promise(PNG * 2), tmp_path):
            raise AssertionError
    assert left(tmp_path) == []


async def test_a_task_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    begun = asyncio.Event()

    async def waiting() -> AsyncIterator[bytes]:
        yield PNG
        begun.set()
        await asyncio.Event().wait()

    async def take() -> None:
        async with receive_draft(waiting(), promise(PNG * 2), tmp_path):
            raise AssertionError

    task = asyncio.create_task(take())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert left(tmp_path) == []


async def test_a_full_disk_has_its_own_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Draft, portion: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Draft, "add", full)
    with pytest.raises(StorageUnavailable):
        async with receive_draft(chunks(PDF), promise(PDF), tmp_path):
            raise AssertionError
    assert left(tmp_path) == []


async def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    size, digest = 24 * 1024 * 1024, hashlib.sha256()
    portion = b"%PDF-" + bytes(64 * 1024 - 5)
    for _ in range(size // len(portion)):
        digest.update(portion)

    async def many() -> AsyncIterator[bytes]:
        for _ in range(size // len(portion)):
            yield portion

    tracemalloc.start()
    async with receive_draft(
        many(), DeclaredFile(size, digest.hexdigest(), "file"), tmp_path
    ) as draft:
        _, peak = tracemalloc.get_traced_memory()
        assert draft.path.stat().st_size == size
    tracemalloc.stop()
    assert peak < 6 * 1024 * 1024

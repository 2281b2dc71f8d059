import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from qgp.app import Application
from qgp.attachments.commands import attachment_storage
from qgp.attachments.commands.attachment_storage import SweepResult, clear_drafts, sweep
from qgp.files.disk import Disk
from qgp.files.storage import Address, StorageUnavailable
from qgp.kit import clock
from tests.attachments.uploads import add, delete, digest, get, promise, put, show, status_and_code
from tests.company import Client, Company
from tests.files.samples import PDF, PNG

Kept = Callable[[], list[str]]


async def sweeping(application: Application, company: Company) -> SweepResult:
    files = application.services.files
    return await sweep(files, application.database, company.organization_id)


def later(monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(hours=24, seconds=1))


async def test_a_deleted_file_leaves_its_row_and_why(
    company: Company, api: Client, subject: str, kept: Kept
) -> None:
    id = await add(api, subject)
    payload = await delete(api, id, "Shows a face.")
    assert payload["errors"] == []
    gone = await show(
        api, id, "status deletedAt deleteReason deletedBy { id } filename sha256 contentType"
    )
    assert gone.pop("deletedAt") is not None
    assert gone == {
        "status": "DELETED",
        "deleteReason": "Shows a face.",
        "deletedBy": {"id": company.owner.id},
        "filename": "report.pdf",
        "sha256": digest(PDF),
        "contentType": "application/pdf",
    }
    assert kept() == []


async def test_bytes_stay_as_long_as_a_row_names_them(
    api: Client, subject: str, kept: Kept
) -> None:
    first, second = await add(api, subject), await add(api, subject, filename="copy.pdf")
    assert kept() == [digest(PDF)]
    await delete(api, first)
    assert kept() == [digest(PDF)]
    assert (await get(api, second)).content == PDF
    await delete(api, second)
    assert kept() == []


async def test_bytes_stay_for_who_has_promised_the_same(
    api: Client, subject: str, kept: Kept
) -> None:
    first = await add(api, subject)
    payload = await promise(api, subject)
    await delete(api, first)
    assert kept() == [digest(PDF)]
    assert (await put(api, payload["upload"]["url"])).status_code == 200
    assert (await get(api, payload["attachment"]["id"])).content == PDF


async def test_a_promise_can_be_taken_back(api: Client, subject: str, kept: Kept) -> None:
    payload = await promise(api, subject)
    await delete(api, payload["attachment"]["id"])
    assert status_and_code(await put(api, payload["upload"]["url"])) == (404, "NOT_FOUND")
    assert kept() == []


async def test_a_file_deleted_while_it_comes_does_not_stay(
    api: Client, subject: str, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = await promise(api, subject)
    keep = Disk.keep

    async def slowly(disk: Disk, address: Address, draft: Path) -> None:
        await delete(api, payload["attachment"]["id"])
        await keep(disk, address, draft)

    monkeypatch.setattr(Disk, "keep", slowly)
    assert status_and_code(await put(api, payload["upload"]["url"])) == (404, "NOT_FOUND")
    assert kept() == []


async def test_what_is_refused_keeps_the_bytes(api: Client, subject: str, kept: Kept) -> None:
    id = await add(api, subject)
    payload = await api.do("attachmentDelete", id=id, expectedVersion=1, reason="Old.")
    assert [error["code"] for error in payload["errors"]] == ["STALE_VERSION"]
    assert kept() == [digest(PDF)]


async def test_bytes_that_cannot_be_removed_now_are_swept_later(
    application: Application,
    company: Company,
    api: Client,
    subject: str,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def away(*_: object) -> None:
        raise StorageUnavailable

    id = await add(api, subject)
    with monkeypatch.context() as broken:
        broken.setattr(Disk, "remove", away)
        assert (await delete(api, id))["errors"] == []
    assert kept() == [digest(PDF)]
    assert await sweeping(application, company) == SweepResult(uploads=0, files=1)
    assert kept() == []


async def test_a_sweep_removes_promises_of_more_than_a_day_ago(
    application: Application,
    company: Company,
    api: Client,
    subject: str,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stored = await add(api, subject)
    promised = (await promise(api, subject, PNG))["attachment"]["id"]
    assert await sweeping(application, company) == SweepResult()
    with monkeypatch.context() as moved:
        later(moved)
        assert await sweeping(application, company) == SweepResult(uploads=1)
    assert await show(api, promised) is None
    assert (await show(api, stored))["status"] == "STORED"
    assert kept() == [digest(PDF)]


async def test_a_sweep_removes_bytes_that_no_row_names(
    application: Application,
    company: Company,
    api: Client,
    subject: str,
    kept: Kept,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(attachment_storage, "_BATCH", 2)
    storage = application.services.files.storage
    assert isinstance(storage, Disk)
    await add(api, subject)
    for number in range(5):
        data = b"stray %d" % number
        storage.incoming.mkdir(parents=True, exist_ok=True)
        draft = storage.incoming / "stray"
        draft.write_bytes(data)
        await storage.keep(Address(company.organization_id, digest(data)), draft)
    assert await sweeping(application, company) == SweepResult(files=5)
    assert kept() == [digest(PDF)]


def test_old_drafts_are_cleared_and_young_ones_stay(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "files")
    assert clear_drafts(disk) == 0
    disk.incoming.mkdir(parents=True)
    young, old = disk.incoming / "young.part", disk.incoming / "old.part"
    for path in (young, old):
        path.write_bytes(b"half")
    at = (clock.now() - timedelta(hours=25)).timestamp()
    os.utime(old, (at, at))
    assert clear_drafts(disk) == 1
    assert list(disk.incoming.iterdir()) == [young]

"""Files that are uploaded as attachments and then imported."""

from typing import Any

import pytest

from qgp.files.storage import StorageUnavailable
from qgp.kit import time_limit
from qgp.kit.gql import csv_sources
from qgp.kit.gql.csv_sources import LongImports
from qgp.kit.policy import Role
from tests.attachments.uploads import a_record, add, delete, promise
from tests.company import Client, Company, Hiring
from tests.evidence import unchanged
from tests.exchange.csv_files import SHOWN
from tests.exchange.test_uploads import TITLES, post

FILE = (
    "\ufeffGrade;Source type;Title;detectedOn\r\n;;;\r\nOFI;PROCESS;Prüfung;1.3.2026\r\n".encode()
)
FORM = {"dateFormat": "DMY"}


async def run(api: Client, attachment: str | None, **options: Any) -> Any:
    fields = {"isDryRun": False, **options}
    if attachment is not None:
        fields["attachmentId"] = attachment
    return await api.do("findingsImport", SHOWN, **fields)


async def refusal(api: Client, attachment: str | None, **options: Any) -> tuple[str, str | None]:
    """Return code and field of the one error of a refused import."""
    payload = await run(api, attachment, **options)
    (error,) = payload["errors"]
    assert (payload["rows"], payload["created"], payload["problems"]) == (0, 0, [])
    return error["code"], (error["path"] or [None])[0]


async def test_an_upload_is_tried_and_then_written_once(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    extended: list[float] = []
    monkeypatch.setattr(time_limit, "extend", extended.append)
    file = await add(api, await a_record(company, api), FILE, filename="findings.csv")
    outcome = {"isDryRun": True, "rows": 1, "created": 0, "problems": [], "errors": []}
    async with unchanged(company):
        assert await run(api, file, isDryRun=True, **FORM) == outcome
        wrong = await run(api, file)
    assert [(p["row"], p["column"]) for p in wrong["problems"]] == [(3, "detectedOn")]
    outcome |= {"isDryRun": False, "created": 1}
    for _ in range(2):
        assert await run(api, file, idempotencyKey="k", **FORM) == outcome
    assert extended == [60.0] * 4
    same = await post(api, FILE, idempotencyKey="k", **FORM)
    assert (same.status, same.content["created"]) == (200, 1)
    assert (await api.ask(TITLES))["findings"]["nodes"] == [
        {"title": "Prüfung", "detectedOn": "2026-03-01", "isSystemic": False}
    ]


async def test_what_is_no_uploaded_file_of_rows_is_refused(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = await a_record(company, api)
    file = await add(api, subject, FILE, filename="findings.csv")
    report = await add(api, subject)
    empty = await add(api, subject, b"\r\n;;\r\n", filename="empty.csv")
    pending = await promise(api, subject, FILE + b"x", filename="pending.csv")
    deleted = await add(api, subject, FILE + b"y", filename="deleted.csv")
    await delete(api, deleted)
    bad, format, field = "BAD_USER_INPUT", "INVALID_FORMAT", "attachmentId"
    async with unchanged(company):
        assert await refusal(api, None) == (bad, "csv")
        assert await refusal(api, file, csv="title\nx\n") == (bad, "csv")
        assert await refusal(api, pending["attachment"]["id"]) == (bad, field)
        assert await refusal(api, deleted) == (bad, field)
        assert await refusal(api, report) == (format, field)
        assert await refusal(api, empty) == (format, field)
        assert (await refusal(api, subject))[1] == field
        with company.application.services.by_type[LongImports].running(company.owner.user_id):
            assert await refusal(api, file) == ("RATE_LIMITED", None)
        monkeypatch.setattr(csv_sources, "MAX_BYTES", len(FILE) - 1)
        assert await refusal(api, file) == ("TOO_LONG", field)


async def test_uploads_to_hidden_records_are_not_imported(
    api: Client, company: Company, hire: Hiring
) -> None:
    file = await add(api, await a_record(company, api), FILE, filename="findings.csv")
    eve, other = await company.hire(Role.EMPLOYEE), await hire.company()
    async with eve.signed_in() as hers, other.owner.signed_in() as theirs, unchanged(company):
        for client in (hers, theirs):
            assert await refusal(client, file, **FORM) == ("NOT_FOUND", "attachmentId")


async def test_a_storage_that_fails_is_named_and_nothing_is_written(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await add(api, await a_record(company, api), FILE, filename="findings.csv")

    def failing(*_: object) -> None:
        raise StorageUnavailable

    monkeypatch.setattr(type(company.application.services.files.storage), "open", failing)
    async with unchanged(company):
        assert await refusal(api, file) == ("UNAVAILABLE", None)

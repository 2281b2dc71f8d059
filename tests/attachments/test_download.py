from collections.abc import Callable
from datetime import timedelta

import pytest

from qgp.app import Application
from qgp.files.disk import Disk
from qgp.kit import clock
from tests.attachments.uploads import add, delete, digest, get, promise, show, status_and_code
from tests.company import Client
from tests.files.samples import PDF, TAKEN


@pytest.fixture
async def file(api: Client, subject: str) -> str:
    return await add(api, subject, filename="Prüfbericht 1.pdf")


async def test_the_bytes_come_to_be_saved_and_never_to_be_run(api: Client, file: str) -> None:
    answer = await get(api, file)
    assert (answer.status_code, answer.content) == (200, PDF)
    values = {name: answer.headers[name] for name in answer.headers}
    assert values["content-type"] == "application/pdf"
    assert values["content-length"] == str(len(PDF))
    name = "filename*=utf-8''Pr%C3%BCfbericht%201.pdf"
    assert values["content-disposition"] == f"attachment; {name}"
    assert values["x-content-type-options"] == "nosniff"
    policy = "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert values["content-security-policy"] == policy
    assert values["cache-control"] == "no-store"
    assert values["etag"] == f'"{digest(PDF)}"'
    assert values["accept-ranges"] == "bytes"


@pytest.mark.parametrize("accepts", ["gzip", "br", "zstd"])
async def test_the_bytes_are_not_packed(api: Client, subject: str, accepts: str) -> None:
    data = b"a line that repeats itself\n" * 1000
    id = await add(api, subject, data, filename="a.txt")
    answer = await get(api, id, **{"accept-encoding": accepts})
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == str(len(data))
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


async def test_the_name_ends_as_the_type_does(api: Client, subject: str) -> None:
    id = await add(api, subject, TAKEN["text/plain"], filename="run.js")
    response = (await get(api, id)).headers["content-disposition"]
    assert response == 'attachment; filename="run.js.txt"'


@pytest.mark.parametrize(
    ("range_value", "status", "data", "expected"),
    [
        ("bytes=0-4", 206, PDF[:5], f"bytes 0-4/{len(PDF)}"),
        ("bytes=10-", 206, PDF[10:], f"bytes 10-{len(PDF) - 1}/{len(PDF)}"),
        ("bytes=-100000", 206, PDF, f"bytes 0-{len(PDF) - 1}/{len(PDF)}"),
        ("bytes=0-4,100000-", 206, PDF[:5], f"bytes 0-4/{len(PDF)}"),
        ("bytes= 0-2 ,, 2-4", 206, PDF[:5], f"bytes 0-4/{len(PDF)}"),
        ("bytes=-5", 206, PDF[-5:], f"bytes {len(PDF) - 5}-{len(PDF) - 1}/{len(PDF)}"),
    ],
)
async def test_a_range_request_returns_a_part(
    api: Client, file: str, range_value: str, status: int, data: bytes, expected: str
) -> None:
    answer = await get(api, file, range=range_value)
    assert (answer.status_code, answer.headers["content-range"]) == (status, expected)
    assert answer.content == data


@pytest.mark.parametrize("range_value", ["chunks=0-1", "lines=3-1", "0-4", "pages=x"])
async def test_a_range_in_an_unknown_unit_is_ignored(
    api: Client, file: str, range_value: str
) -> None:
    answer = await get(api, file, range=range_value)
    assert (answer.status_code, answer.content) == (200, PDF)
    assert "content-range" not in answer.headers


@pytest.mark.parametrize(
    ("range_value", "status", "expected"),
    [
        ("bytes=3-1", 400, None),
        ("bytes", 400, None),
        ("bytes=", 400, None),
        ("bytes=a-b", 400, None),
        ("bytes=0-4,9-7", 400, None),
        ("bytes=100000-", 416, f"bytes */{len(PDF)}"),
        ("bytes=0-4,a-b", 400, None),
        ("bytes=+1-2", 400, None),
        ("bytes=--5", 400, None),
        (f"bytes=0-{'9' * 5000}", 400, None),
        ("bytes=-0", 416, f"bytes */{len(PDF)}"),
        ("bytes=100000-,-0", 416, f"bytes */{len(PDF)}"),
    ],
)
async def test_a_part_that_is_none_is_refused_as_everything_is(
    api: Client, file: str, range_value: str, status: int, expected: str | None
) -> None:
    answer = await get(api, file, range=range_value)
    assert (answer.status_code, answer.headers.get("content-range")) == (status, expected)
    [error] = answer.json()["errors"]
    assert error["extensions"] == {
        "code": "BAD_REQUEST",
        "requestId": answer.headers["x-request-id"],
    }
    assert "`Range`" in error["message"]


async def test_a_part_of_another_version_is_the_whole(api: Client, file: str) -> None:
    same = await get(api, file, **{"range": "bytes=0-4", "if-range": f'"{digest(PDF)}"'})
    assert (same.status_code, same.content) == (206, PDF[:5])
    other = await get(api, file, **{"range": "bytes=0-4", "if-range": '"another"'})
    assert (other.status_code, other.content) == (200, PDF)


async def test_several_parts_come_in_one_answer(api: Client, file: str) -> None:
    answer = await get(api, file, range="bytes=0-4,10-14")
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert PDF[:5] in answer.content
    assert PDF[10:15] in answer.content


async def test_an_unknown_disposition_is_refused(api: Client, file: str) -> None:
    url = (await show(api, file, "url"))["url"]
    for query in ("&disposition=form-data", "&disposition=inline&disposition=attachment"):
        answer = await api.http.get(url + query)
        assert status_and_code(answer) == (400, "BAD_REQUEST")
    named = (await api.http.get(url + "&disposition=attachment")).headers["content-disposition"]
    assert named.startswith("attachment;")


async def test_a_head_request_returns_headers_only(api: Client, file: str) -> None:
    url = (await show(api, file, "url"))["url"]
    answer = await api.http.head(url, headers={"range": "bytes=0-4"})
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(PDF))
    assert answer.headers["etag"] == f'"{digest(PDF)}"'


async def test_who_has_the_bytes_is_not_sent_them(api: Client, file: str) -> None:
    answer = await get(api, file, **{"if-none-match": f'"{digest(PDF)}"'})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_the_address_stays_for_minutes_and_holds_a_quarter_of_an_hour_at_most(
    api: Client, file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, now = (await show(api, file, "url"))["url"], clock.now()
    for minutes, status in ((9, 200), (16, 403)):
        monkeypatch.setattr(clock, "now", lambda m=minutes: now + timedelta(minutes=m))
        assert (await api.http.get(url)).status_code == status


async def test_no_address_leads_to_what_is_not_stored(api: Client, subject: str) -> None:
    payload = await promise(api, subject)
    assert payload["attachment"]["url"] is None


async def test_an_address_ends_with_the_file(api: Client, file: str) -> None:
    url = (await show(api, file, "url"))["url"]
    assert (await delete(api, file))["attachment"]["url"] is None
    assert status_and_code(await api.http.get(url)) == (404, "NOT_FOUND")


async def test_missing_bytes_have_their_own_error(
    application: Application, api: Client, file: str, kept: Callable[[], list[str]]
) -> None:
    storage = application.services.files.storage
    assert isinstance(storage, Disk)
    for path in storage.folder.rglob(digest(PDF)):
        path.unlink()
    assert status_and_code(await get(api, file)) == (404, "NOT_FOUND")

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.file_transfer import endpoint
from qgp.files.disk import Disk
from qgp.files.storage import StorageUnavailable
from qgp.kit import clock, ids
from qgp.kit.audit import AuditEntry
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from tests.attachments.uploads import add, digest, get, promise, put, show, status_and_code
from tests.company import Client, Company, client
from tests.files.samples import NAMED, PDF, PNG, REFUSED, TAKEN

Kept = Callable[[], list[str]]
Drafts = Callable[[], list[Path]]


async def test_a_digest_in_capitals_is_the_same_digest(api: Client, subject: str) -> None:
    payload = await promise(api, subject, sha256=digest(PDF).upper())
    assert payload["attachment"]["sha256"] == digest(PDF)
    assert (await put(api, payload["upload"]["url"])).status_code == 200


async def test_a_file_is_promised_then_sent(api: Client, subject: str, kept: Kept) -> None:
    payload = await promise(api, subject, caption="Page 1")
    file = payload["attachment"]
    assert (file["status"], file["contentType"], file["storedAt"], file["url"]) == (
        "PENDING",
        *[None] * 3,
    )
    assert (file["caption"], file["sizeBytes"], file["sha256"]) == ("Page 1", len(PDF), digest(PDF))
    upload = payload["upload"]
    assert (upload["method"], upload["url"].split("?")[0]) == (
        "PUT",
        f"http://qgp.test/files/{file['id']}",
    )
    assert kept() == []
    answer = await put(api, upload["url"])
    assert answer.status_code == 200
    assert answer.json() == {
        "id": file["id"],
        "filename": "report.pdf",
        "status": "STORED",
        "contentType": "application/pdf",
        "sizeBytes": len(PDF),
        "sha256": digest(PDF),
    }
    stored = await show(api, file["id"])
    assert (stored["status"], stored["contentType"], stored["version"]) == (
        "STORED",
        "application/pdf",
        2,
    )
    assert stored["storedAt"] is not None
    assert kept() == [digest(PDF)]


async def test_files_are_taken_for_what_they_are_and_only_some_shown_in_place(
    api: Client, subject: str
) -> None:
    files = [("a.bin", kind, TAKEN[kind]) for kind in ("application/pdf", "video/mp4")]
    files += [(name, *NAMED[name]) for name in ("a.csv", "a.xml")]
    shown = []
    for name, _, data in files:
        id = await add(api, subject, data, filename=name)
        stored = await show(api, id)
        url = stored["inlineUrl"] or stored["url"] + "&disposition=inline"
        headers = (await api.http.get(url)).headers
        assert headers["x-content-type-options"] == "nosniff"
        viewer = "img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; "
        policy = f"sandbox; default-src 'none'; {viewer if stored['inlineUrl'] else ''}"
        assert headers["content-security-policy"] == f"{policy}frame-ancestors 'none'"
        kinds = [stored["contentType"], headers["content-type"].split(";")[0]]
        shown.append((*kinds, headers["content-disposition"]))
    assert shown == [
        ("application/pdf", "application/pdf", 'inline; filename="a.bin.pdf"'),
        ("video/mp4", "video/mp4", 'attachment; filename="a.bin.mp4"'),
        ("text/csv", "text/csv", 'attachment; filename="a.csv"'),
        ("application/xml", "text/plain", 'attachment; filename="a.xml"'),
    ]


async def test_a_text_in_another_encoding_is_refused_with_the_reason(
    api: Client, subject: str, kept: Kept
) -> None:
    payload = await promise(api, subject, filename="measures.cp1252.csv")
    [error] = payload["errors"]
    assert (payload["attachment"], error["path"]) == (None, ["filename"])
    assert "is in cp1252" in error["message"]
    data = "Größe;1".encode("cp1252")
    payload = await promise(api, subject, data, filename="measures.csv")
    answer = await put(api, payload["upload"]["url"], data)
    assert status_and_code(answer) == (415, "BAD_REQUEST")
    assert "byte 0xF6, which is not UTF-8" in answer.json()["errors"][0]["message"]
    assert kept() == []


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_not_taken_leaves_nothing(
    api: Client, subject: str, kept: Kept, drafts: Drafts, what: str
) -> None:
    payload = await promise(api, subject, REFUSED[what], filename="innocent.pdf")
    answer = await put(api, payload["upload"]["url"], REFUSED[what])
    assert status_and_code(answer) == (415, "BAD_REQUEST")
    assert (await show(api, payload["attachment"]["id"]))["status"] == "PENDING"
    assert (kept(), drafts()) == ([], [])


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (PDF + b"x", 413, "BAD_REQUEST"),
        (PDF[:-1], 422, "BAD_USER_INPUT"),
        (b"", 422, "BAD_USER_INPUT"),
        (PDF[:-1] + b"x", 422, "BAD_USER_INPUT"),
        (PNG, 422, "BAD_USER_INPUT"),
    ],
)
@pytest.mark.parametrize("is_streamed", [False, True])
async def test_other_bytes_than_promised_leave_nothing(
    api: Client,
    subject: str,
    kept: Kept,
    drafts: Drafts,
    data: bytes,
    status: int,
    code: str,
    is_streamed: bool,
) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield data

    payload = await promise(api, subject)
    url = payload["upload"]["url"]
    answer = await api.http.put(url, content=stream() if is_streamed else data)
    assert status_and_code(answer) == (status, code)
    assert (kept(), drafts()) == ([], [])
    assert (await put(api, url)).status_code == 200


async def test_the_same_bytes_again_are_no_mistake(api: Client, subject: str) -> None:
    payload = await promise(api, subject)
    url, id = payload["upload"]["url"], payload["attachment"]["id"]
    assert (await put(api, url)).status_code == 200
    stored = await show(api, id, "version storedAt")
    assert (await put(api, url)).status_code == 200
    assert await show(api, id, "version storedAt") == stored


@pytest.mark.parametrize("data", [PNG, PDF + b"x", PDF[:-1] + b"x", REFUSED["a page"]])
async def test_other_bytes_do_not_replace_the_stored_ones(
    api: Client, subject: str, kept: Kept, data: bytes
) -> None:
    payload = await promise(api, subject)
    url, id = payload["upload"]["url"], payload["attachment"]["id"]
    assert (await put(api, url)).status_code == 200
    assert status_and_code(await put(api, url, data)) == (409, "CONFLICT")
    assert (await get(api, id)).content == PDF
    assert kept() == [digest(PDF)]


async def test_two_that_send_at_once_store_it_once(api: Client, subject: str, kept: Kept) -> None:
    payload = await promise(api, subject)
    sent = [put(api, payload["upload"]["url"]) for _ in range(5)]
    assert [answer.status_code for answer in await asyncio.gather(*sent)] == [200] * 5
    assert (await show(api, payload["attachment"]["id"]))["version"] == 2
    assert kept() == [digest(PDF)]


def spoilt(url: str) -> list[str]:
    path, _, signature = url.partition("?signature=")
    head, body, seal = signature.split(".")
    other = "A" if seal[5] != "A" else "B"
    return [
        path,
        f"{path}?signature=",
        f"{path}?signature={head}.{body}.",
        f"{path}?signature={head}.{body}.{seal[:5]}{other}{seal[6:]}",
        f"{path}?signature={head}.{body[:-2]}.{seal}",
        f"{path[:-1]}{'0' if path[-1] != '0' else '1'}?signature={signature}",
        f"/files/x?signature={signature}",
        f"{path}?signature={'x' * 10_000}",
        f"{path}?signature=%00",
    ]


@pytest.mark.parametrize("case", range(9))
async def test_a_spoilt_address_takes_nothing(api: Client, subject: str, case: int) -> None:
    payload = await promise(api, subject)
    url = spoilt(payload["upload"]["url"])[case]
    assert status_and_code(await put(api, url)) == (403, "FORBIDDEN")
    assert (await show(api, payload["attachment"]["id"]))["status"] == "PENDING"


async def test_an_address_holds_ten_minutes(
    api: Client, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = await promise(api, subject)
    url, now = payload["upload"]["url"], clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=10, seconds=1))
    assert status_and_code(await put(api, url)) == (403, "FORBIDDEN")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=9, seconds=58))
    assert (await put(api, url)).status_code == 200


async def test_each_address_has_one_purpose(api: Client, subject: str, company: Company) -> None:
    payload = await promise(api, subject)
    upload_url = payload["upload"]["url"]
    assert status_and_code(await api.http.get(upload_url)) == (403, "FORBIDDEN")
    id = await add(api, subject, PNG)
    url = (await show(api, id, "url"))["url"]
    assert status_and_code(await put(api, url, PNG)) == (403, "FORBIDDEN")
    access = f"/files/{id}?signature={company.owner.token}"
    assert status_and_code(await api.http.get(access)) == (403, "FORBIDDEN")


async def test_an_address_ends_with_the_sign_in(company: Company, subject: str) -> None:
    max_ = await company.hire(Role.QUALITY_MANAGER)
    async with max_.signed_in() as max_api:
        id = await add(max_api, subject, PNG)
        url = (await show(max_api, id, "url"))["url"]
        upload_url = (await promise(max_api, subject))["upload"]["url"]
        assert (await max_api.http.get(url)).status_code == 200
        await max_api.ask("mutation { logout { errors { code } } }")
        assert status_and_code(await max_api.http.get(url)) == (403, "FORBIDDEN")
        assert status_and_code(await put(max_api, upload_url)) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("facts", "code", "path"),
    [
        ({"sizeBytes": 0}, "OUT_OF_RANGE", "sizeBytes"),
        ({"sizeBytes": -1}, "OUT_OF_RANGE", "sizeBytes"),
        ({"sizeBytes": 25 * 1024 * 1024 + 1}, "OUT_OF_RANGE", "sizeBytes"),
        ({"sha256": "G" * 64}, "INVALID_FORMAT", "sha256"),
        ({"sha256": "a" * 63}, "INVALID_FORMAT", "sha256"),
        ({"filename": "../../etc/passwd"}, "INVALID_FORMAT", "filename"),
        ({"filename": "c:\\run.exe"}, "INVALID_FORMAT", "filename"),
        ({"filename": ".."}, "INVALID_FORMAT", "filename"),
        ({"filename": "a\nb"}, "INVALID_FORMAT", "filename"),
        ({"filename": "fdp\u202eexe.pdf"}, "INVALID_FORMAT", "filename"),
        ({"filename": " "}, "REQUIRED", "filename"),
        ({"filename": "page.html"}, "BAD_USER_INPUT", "filename"),
        ({"caption": " "}, "REQUIRED", "caption"),
    ],
)
async def test_a_promise_that_cannot_be_kept_is_refused(
    api: Client, subject: str, facts: dict[str, Any], code: str, path: str
) -> None:
    payload = await promise(api, subject, **facts)
    assert (payload["attachment"], payload["upload"]) == (None, None)
    assert [(e["code"], e["path"]) for e in payload["errors"]] == [(code, [path])]


async def test_the_largest_file_is_taken_and_given_whole(
    application: Application, api: Client, subject: str
) -> None:
    data = b"%PDF-" + bytes(25 * 1024 * 1024 - 5)
    id = await add(api, subject, data)
    response = await get(api, id)
    assert digest(response.content) == digest(data)


async def test_the_same_key_promises_once(api: Client, subject: str) -> None:
    first = await promise(api, subject, idempotencyKey="one")
    again = await promise(api, subject, idempotencyKey="one")
    assert again["attachment"]["id"] == first["attachment"]["id"]
    assert (await put(api, again["upload"]["url"])).status_code == 200
    late = await promise(api, subject, idempotencyKey="one")
    assert (late["attachment"]["status"], late["upload"]) == ("STORED", None)
    other = await promise(api, subject, PNG, idempotencyKey="one")
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_a_compressed_body_is_not_read(api: Client, subject: str) -> None:
    url = (await promise(api, subject))["upload"]["url"]
    answer = await put(api, url, packed="gzip")
    assert status_and_code(answer) == (415, "BAD_REQUEST")


async def test_an_unavailable_storage_has_its_own_error(
    api: Client, subject: str, monkeypatch: pytest.MonkeyPatch, drafts: Drafts
) -> None:
    async def away(*_: object) -> None:
        raise StorageUnavailable

    payload = await promise(api, subject)
    with monkeypatch.context() as broken:
        broken.setattr(Disk, "keep", away)
        answer = await put(api, payload["upload"]["url"])
    assert status_and_code(answer) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"] == "5"
    assert drafts() == []
    assert (await show(api, payload["attachment"]["id"]))["status"] == "PENDING"
    assert (await put(api, payload["upload"]["url"])).status_code == 200


async def test_bytes_that_do_not_come_are_not_waited_for(
    api: Client, subject: str, monkeypatch: pytest.MonkeyPatch, drafts: Drafts
) -> None:
    async def stalled() -> AsyncIterator[bytes]:
        yield PDF[:10]
        await asyncio.sleep(30)

    monkeypatch.setattr(endpoint, "_IDLE_SECONDS", 0.1)
    url = (await promise(api, subject))["upload"]["url"]
    answer = await api.http.put(url, content=stalled())
    assert status_and_code(answer) == (408, "TIMEOUT")
    assert drafts() == []


async def test_other_methods_have_no_place(api: Client, subject: str) -> None:
    url = (await promise(api, subject))["upload"]["url"]
    assert (await api.http.post(url, content=PDF)).status_code == 405
    assert (await api.http.delete(url)).status_code == 405


async def test_sending_is_in_the_trail_in_the_name_of_who_promised(
    application: Application, company: Company, api: Client, subject: str
) -> None:
    id = await add(api, subject)
    statement = sa.select(AuditEntry).where(AuditEntry.entity_id == ids.decode("att", id))
    async with application.database.read(Scope(company.organization_id)) as session:
        entries = (await session.scalars(statement.order_by(AuditEntry.seq))).all()
    who = company.owner.user_id
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("fileUploadCreate", who),
        ("fileStore", who),
    ]


async def test_addresses_are_absolute_by_the_host_of_each_request(
    api: Client, subject: str
) -> None:
    first = (await promise(api, subject))["upload"]["url"]
    assert first.startswith("http://qgp.test/files/att_")
    assert (await put(api, first)).status_code == 200
    query = {"query": "{ attachments { nodes { url } } }"}
    for host in ("a.example", "b.example:8443", "a.example"):
        answer = await api.http.post("/graphql", json=query, headers={"host": host})
        (node,) = answer.json()["data"]["attachments"]["nodes"]
        assert node["url"].startswith(f"http://{host}/files/att_")
    odd = await api.http.post("/graphql", json=query, headers={"host": 'x/"><a b'})
    (node,) = odd.json()["data"]["attachments"]["nodes"]
    assert node["url"].startswith("http://qgp.test/files/att_")


async def test_addresses_begin_with_the_public_url_where_there_is_one(
    company: Company, subject: str
) -> None:
    facts = {"public_url": "https://q.example/qgp", "planned_reads": False}
    settings = company.application.settings.model_copy(update=facts)
    application = replace(company.application, settings=settings)
    async with client(application, company.owner.token) as api:
        upload = (await promise(api, subject))["upload"]
    assert upload["url"].startswith("https://q.example/qgp/files/att_")

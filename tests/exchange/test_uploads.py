"""Files that are imported as the body of a request."""

from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from qgp.http import imports
from qgp.http.imports import Imports
from qgp.kit.policy import Role
from tests.company import Client, Company
from tests.evidence import unchanged

FINDING = "grade,sourceType,title"
TITLES = "{ findings(orderBy: [{field: REFERENCE}]) { nodes { title detectedOn isSystemic } } }"


@dataclass(frozen=True)
class Answer:
    """Answer to an imported file."""

    response: httpx2.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def content(self) -> Any:
        return self.response.json()

    @property
    def code(self) -> str:
        (error,) = self.content["errors"]
        code: str = error["extensions"]["code"]
        return code


async def post(
    api: Client, content: bytes | str, register: str = "findings", **parameters: str
) -> Answer:
    return Answer(
        await api.http.post(
            f"/imports/{register}.csv",
            params=parameters,
            content=content,
            headers={"content-type": "text/csv"},
        )
    )


async def test_a_file_in_its_declared_form_is_tried_and_then_written_once(
    api: Client, company: Company
) -> None:
    rows = ["Prüfung – eins;ja;31.12.2025", "'=2;FALSCH;1/2/2026"]
    text = "sep=;\rGrade;Source type;Title;isSystemic;DetectedOn\r;;;;\r"
    text += "".join(f"OFI;PROCESS;{row}\r" for row in rows)
    form = {"encoding": "windows-1252", "dateFormat": "dmy", "decimal": ",", "delimiter": ";"}
    outcome: dict[str, Any] = {"isDryRun": True, "rows": 2, "created": 0, "updated": 0}
    outcome |= {"skipped": 0, "problemCount": 0, "problems": []}
    async with unchanged(company):
        tried = await post(api, text.encode("cp1252"), dryRun="true", **form)
    assert (tried.status, tried.content) == (200, outcome)
    for _ in range(2):
        written = await post(api, text.encode("cp1252"), idempotencyKey="k", **form)
        assert written.content == outcome | {"isDryRun": False, "created": 2}
    assert (await api.ask(TITLES))["findings"]["nodes"] == [
        {"title": "Prüfung – eins", "detectedOn": "2025-12-31", "isSystemic": True},
        {"title": "=2", "detectedOn": "2026-02-01", "isSystemic": False},
    ]


async def test_problems_are_listed_with_their_total_and_nothing_is_written(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"{FINDING}\nOFI,PROCESS,Good\nHUGE,AUDIT,\n" + "HUGE,AUDIT,x\n" * 1_000
    async with unchanged(company):
        tried = await post(api, file, dryRun="true")
        refused = await post(api, file)
    assert (tried.status, refused.status, refused.code) == (200, 422, "BAD_USER_INPUT")
    for answer in (tried, refused):
        content = answer.content
        assert (content["rows"], content["problemCount"]) == (1_002, 1_002)
        assert len(content["problems"]) == 1_000
        assert [(p["row"], p["column"], p["code"]) for p in content["problems"][:3]] == [
            (3, "grade", "INVALID_FORMAT"),
            (3, "title", "REQUIRED"),
            (4, "grade", "INVALID_FORMAT"),
        ]
    assert refused.content["created"] == 0


async def test_the_media_type_may_declare_the_encoding(api: Client) -> None:
    content = f"{FINDING}\nOFI,PROCESS,Prüfung\n".encode("cp1252")
    outcomes = []
    for charset in ('; charset="Windows-1252"', "; header=present;charset=utf-8", ""):
        media = {"content-type": f"text/csv{charset}"}
        path = "/imports/findings.csv?dryRun=true"
        answer = await api.http.post(path, content=content, headers=media)
        outcomes.append(answer.status_code)
        media["content-type"] = "text/csv; charset=utf-8"
        path += "&encoding=cp1252"
        answer = await api.http.post(path, content=content, headers=media)
        outcomes.append(answer.status_code)
    assert outcomes == [200, 200, 400, 200, 400, 200]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dryRun": "maybe"}, "`dryRun` must be true or false"),
        ({"dateFormat": "DDMM"}, "`dateFormat` must be one of YMD, DMY, MDY"),
        ({"decimal": ";"}, "`decimal` must be one of POINT, COMMA"),
        ({"encoding": "ebcdic"}, "The encoding `ebcdic` is not read."),
        ({"first": "1"}, "`first` is sent twice or unknown. Send `dryRun`, `delimiter`,"),
        ({}, "The file is not in utf-8: byte 24, in line 2"),
    ],
)
async def test_what_cannot_be_read_is_400_with_what_to_do(
    api: Client, parameters: dict[str, str], message: str
) -> None:
    answer = await post(api, f"{FINDING}\nü".encode("cp1252"), **parameters)
    assert (answer.status, answer.code) == (400, "BAD_USER_INPUT")
    assert message in answer.content["errors"][0]["message"]


async def test_requests_are_refused_before_their_body_is_read(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> Any:
        raise AssertionError("the body is read")
        yield b""

    monkeypatch.setattr(imports, "MAX_BYTES", 10)
    assert (await post(api, "x" * 11)).status == 413
    assert (await post(api, "x", "findngs")).code == "NOT_FOUND"
    assert (await api.http.get("/imports/findings.csv")).headers["Allow"] == "POST"
    media = {"content-type": "multipart/form-data"}
    path = "/imports/findings.csv"
    assert (await api.http.post(path, content=body(), headers=media)).status_code == 415
    auditor = await company.hire(Role.EXTERNAL_AUDITOR)
    async with auditor.signed_in() as theirs:
        answer = Answer(await theirs.http.post(path, content=body()))
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    log = "{ securityEvents { nodes { kind action } } }"
    (event,) = (await api.ask(log))["securityEvents"]["nodes"]
    assert event == {"kind": "COMMAND_DENIED", "action": "findingsImport"}
    api.http.headers["authorization"] = "Bearer nonsense"
    assert (await api.http.post(path, content=body())).status_code == 401


async def test_a_body_is_read_up_to_its_limit_and_otherwise_to_its_end(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client that is still sending would not read the answer."""
    received = []

    async def body(*parts: bytes) -> Any:
        for part in parts:
            received.append(part)
            yield part

    monkeypatch.setattr(imports, "MAX_BYTES", 100)
    path, header = "/imports/findings.csv", f"{FINDING}\n".encode()
    async with unchanged(company):
        endless = await api.http.post(path, content=body(header, *[b"OFI,PROCESS,x\n"] * 9))
        assert (endless.status_code, len(received)) == (413, 1 + 6)
        received.clear()
        unread = await api.http.post(path, content=body(header, b"\xfc" * 70_000, b"x", b"x"))
        assert (unread.status_code, len(received)) == (413, 2)
    monkeypatch.setattr(imports, "MAX_BYTES", 100_000)
    async with unchanged(company):
        received.clear()
        unread = await api.http.post(path, content=body(header, b"\xfc" * 70_000, b"x", b"x"))
        assert (unread.status_code, len(received)) == (400, 4)
    parts = [header[:5], header[5:], 'OFI,PROCESS,"ü'.encode()[:-1], b"\xbc\r", b'\n"\r', b"\n"]
    assert (await api.http.post(path, content=body(*parts))).json()["created"] == 1
    assert (await api.ask(TITLES))["findings"]["nodes"][0]["title"] == "ü"


async def test_an_import_that_takes_too_long_writes_nothing(
    api: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = f"{FINDING}\n" + "OFI,PROCESS,x\n" * 200
    monkeypatch.setattr(company.application.imports, "seconds", 0.05)
    async with unchanged(company):
        answer = await post(api, file)
    assert (answer.status, answer.code) == (503, "TIMEOUT")
    assert Imports.seconds == 60

"""Uploads that the tests of attachments share."""

import hashlib
from typing import Any

import httpx2

from tests.actions.action_commands import hand_out
from tests.company import Client, Company
from tests.files.samples import PDF

SHOWN = """id version filename caption sizeBytes sha256 status contentType storedAt deletedAt
    deleteReason url inlineUrl viewerCanUpdate viewerCanDelete"""
WAY = "upload { url method headers { name value } expiresAt }"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


async def a_record(company: Company, api: Client) -> str:
    """Make a record to add files to and return its id."""
    return await hand_out(api, company.owner.id)


async def promise(api: Client, subject: str, data: bytes = PDF, **facts: Any) -> Any:
    """Say that bytes will come; return the payload."""
    said = {"filename": "report.pdf", "sizeBytes": len(data), "sha256": digest(data)}
    values: dict[str, Any] = {"subjectId": subject, **said, **facts}
    return await api.do("fileUploadCreate", f"attachment {{ {SHOWN} }} {WAY}", **values)


async def put(api: Client, url: str, data: bytes = PDF, packed: str = "") -> httpx2.Response:
    """Send bytes as nobody: the address alone is what counts."""
    headers = {"authorization": "", "content-encoding": packed}
    headers = {name: value for name, value in headers.items() if value or name[0] == "a"}
    return await api.http.put(url, content=data, headers=headers)


async def add(api: Client, subject: str, data: bytes = PDF, **facts: Any) -> str:
    """Add a file, its bytes and all, and return its id."""
    payload = await promise(api, subject, data, **facts)
    assert payload["errors"] == []
    answer = await put(api, payload["upload"]["url"], data)
    assert answer.status_code == 200, answer.text
    id: str = payload["attachment"]["id"]
    return id


async def show(api: Client, id: str, fields: str = SHOWN) -> Any:
    """Read an attachment, or None."""
    document = f"query ($id: ID!) {{ attachment(by: {{id: $id}}) {{ {fields} }} }}"
    return (await api.ask(document, id=id))["attachment"]


async def get(api: Client, id: str, **headers: str) -> httpx2.Response:
    """Fetch the bytes of a file by the address that the caller is shown."""
    url = (await show(api, id, "url"))["url"]
    return await api.http.get(url, headers={"authorization": "", **headers})


def status_and_code(answer: httpx2.Response) -> tuple[int, str]:
    """Return status and code of a refusal, after looking at its shape."""
    (error,) = answer.json()["errors"]
    assert error["message"].endswith(".")
    assert error["extensions"]["requestId"] == answer.headers["x-request-id"]
    return answer.status_code, error["extensions"]["code"]


async def delete(api: Client, id: str, reason: str = "Added by mistake.") -> Any:
    """Delete an attachment in whatever version it has; return the payload."""
    version = (await show(api, id, "version"))["version"]
    values = {"id": id, "expectedVersion": version, "reason": reason}
    return await api.do("attachmentDelete", f"attachment {{ {SHOWN} }}", **values)

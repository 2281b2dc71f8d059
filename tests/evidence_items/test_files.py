from typing import Any

import pytest

from qgp.kit.policy import Role
from tests.attachments.uploads import add, delete, digest, promise, show
from tests.comments.comment_commands import at, code, task
from tests.company import Client, Company, texts
from tests.evidence import unchanged
from tests.evidence_items.evidence_commands import WHOLE, collect
from tests.files.samples import PDF, PNG

FILE: dict[str, Any] = {"kind": "FILE", "url": None}


@pytest.fixture
async def about(api: Client, company: Company) -> str:
    return await task(api, company.owner.id)


async def test_a_file_is_evidence_and_its_digest_is_kept(api: Client, about: str) -> None:
    file = await add(api, about)
    item = await collect(api, about, **FILE, attachmentId=file)
    shown = "query ($id: ID!) { evidenceItem(by: {id: $id}) { sha256 attachment { id sha256 } } }"
    evidence_item = (await api.ask(shown, id=item["id"]))["evidenceItem"]
    assert evidence_item == {
        "sha256": digest(PDF),
        "attachment": {"id": file, "sha256": digest(PDF)},
    }


async def test_only_a_file_that_can_be_fetched_is_evidence(
    api: Client, company: Company, about: str
) -> None:
    file, gone = await add(api, about), await add(api, about, PNG)
    coming = (await promise(api, about, b"text"))["attachment"]["id"]
    await delete(api, gone)
    async with unchanged(company):
        for wrong, expected, path in (
            ({**FILE, "attachmentId": coming}, "BAD_USER_INPUT", "attachmentId"),
            ({**FILE, "attachmentId": gone}, "BAD_USER_INPUT", "attachmentId"),
            ({**FILE, "attachmentId": about}, "BAD_USER_INPUT", "attachmentId"),
            (FILE, "REQUIRED", "attachmentId"),
            ({**FILE, "attachmentId": file, "url": WHOLE["url"]}, "BAD_USER_INPUT", "url"),
            ({**FILE, "attachmentId": file, "recordId": about}, "BAD_USER_INPUT", "recordId"),
            ({"attachmentId": file}, "BAD_USER_INPUT", "attachmentId"),
        ):
            inputs = {**WHOLE, "subjectId": about, **wrong}
            assert await code(api, "evidenceItemCreate", **inputs) == (expected, path)


async def test_a_file_that_the_caller_does_not_see_is_none(
    api: Client, company: Company, about: str
) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    hidden, own_record = await add(api, about), await task(api, eve.id)
    async with eve.signed_in() as other, unchanged(company):
        inputs = {**WHOLE, **FILE, "subjectId": own_record, "attachmentId": hidden}
        assert await code(other, "evidenceItemCreate", **inputs) == ("NOT_FOUND", "attachmentId")


async def test_a_file_stays_while_it_is_evidence_that_counts(api: Client, about: str) -> None:
    file = await add(api, about)
    item = await collect(api, about, **FILE, attachmentId=file)
    refused = await delete(api, file)
    assert [error["code"] for error in refused["errors"]] == ["STILL_IN_USE"]
    assert (await show(api, file))["status"] == "STORED"
    done = await api.do("evidenceItemWithdraw", **at(item, reason="Of another label."))
    assert done["errors"] == []
    assert (await delete(api, file))["attachment"]["status"] == "DELETED"
    shown = "query ($id: ID!) { evidenceItem(by: {id: $id}) { sha256 attachment { status } } }"
    evidence_item = (await api.ask(shown, id=item["id"]))["evidenceItem"]
    assert evidence_item == {"sha256": digest(PDF), "attachment": {"status": "DELETED"}}


async def test_evidence_is_found_by_its_file(api: Client, about: str) -> None:
    file = await add(api, about)
    await collect(api, about, **FILE, attachmentId=file, title="scan")
    await collect(api, about, title="link")
    document = "query ($f: EvidenceItemFilter) { evidenceItems(filter: $f) { nodes { title } } }"
    for filter in (
        {"attachmentId": {"eq": file}},
        {"attachment": {"contentType": {"eq": "application/pdf"}}},
        {"sha256": {"eq": digest(PDF)}},
        {"kind": {"eq": "FILE"}},
    ):
        rows = (await api.ask(document, f=filter))["evidenceItems"]["nodes"]
        assert texts(rows, "title") == ["scan"], filter

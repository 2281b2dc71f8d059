from typing import Any

from tests.attachments.uploads import a_record, add, delete, digest, promise, show
from tests.company import Client, Company, texts
from tests.files.samples import PDF, PNG, TAKEN


async def found(api: Client, filter: dict[str, Any]) -> list[str]:
    document = """query ($f: AttachmentFilter) { attachments(filter: $f, orderBy: [{field: FILENAME,
        direction: ASC}]) { nodes { filename } } }"""
    return texts((await api.ask(document, f=filter))["attachments"]["nodes"], "filename")


async def test_the_register_is_filtered_by_what_is_known(
    company: Company, api: Client, subject: str
) -> None:
    other = await a_record(company, api)
    a = await add(api, subject, PDF, filename="a.pdf", caption="The first")
    b = await add(api, other, PNG, filename="b.png")
    c = await add(api, subject, TAKEN["image/gif"], filename="c.gif")
    await promise(api, subject, TAKEN["video/mp4"], filename="d.mp4")
    await delete(api, c)
    cases: list[tuple[dict[str, Any], str]] = [
        ({"status": {"eq": "STORED"}}, "ab"),
        ({"status": {"eq": "PENDING"}}, "d"),
        ({"deletedAt": {"isNull": True}}, "abd"),
        ({"storedAt": {"isNull": True}}, "d"),
        ({"subjectId": {"eq": subject}}, "acd"),
        ({"subjectId": {"in": [other]}}, "b"),
        ({"contentType": {"startsWith": "image/"}}, "bc"),
        ({"filename": {"contains": "."}}, "abcd"),
        ({"caption": {"contains": "first"}}, "a"),
        ({"sizeBytes": {"gt": len(PNG)}}, "a"),
        ({"sha256": {"eq": digest(PNG)}}, "b"),
        ({"id": {"in": [a, b]}}, "ab"),
        ({"createdById": {"eq": company.owner.id}}, "abcd"),
        ({"createdBy": {"role": {"eq": "OWNER"}}}, "abcd"),
        ({"deletedById": {"eq": company.owner.id}}, "c"),
        ({"deletedBy": {"role": {"eq": "ADMIN"}}}, ""),
    ]
    for filter, expected in cases:
        assert [name[0] for name in await found(api, filter)] == list(expected), filter


async def test_a_record_shows_its_files(company: Company, api: Client, subject: str) -> None:
    other = await a_record(company, api)
    a, b = await add(api, subject, PDF), await add(api, subject, PNG)
    await add(api, other, PDF)
    document = """query ($id: ID!) { action(by: {id: $id}) { attachments(first: 1) {
        totalCount nodes { id url } pageInfo { hasNextPage } } } }"""
    shown = (await api.ask(document, id=subject))["action"]["attachments"]
    assert (shown["totalCount"], shown["pageInfo"]["hasNextPage"]) == (2, True)
    assert texts(shown["nodes"], "id") == [a]
    assert shown["nodes"][0]["url"].startswith(f"http://qgp.test/files/{a}?signature=")
    assert b != a


async def test_a_file_shows_its_record(api: Client, subject: str) -> None:
    id = await add(api, subject)
    shown = await show(api, id, "subject { __typename ... on Action { id } } createdBy { name }")
    assert shown["subject"] == {"__typename": "Action", "id": subject}
    assert shown["createdBy"]["name"] == "Owner"


async def test_node_finds_a_file(api: Client, subject: str) -> None:
    id = await add(api, subject)
    shown = await api.ask("query ($id: ID!) { node(id: $id) { __typename id } }", id=id)
    assert shown["node"] == {"__typename": "Attachment", "id": id}


async def test_a_caption_is_changed_and_cleared(api: Client, subject: str) -> None:
    id = await add(api, subject, caption="Page 1")
    for version, caption in ((2, "Page 2"), (3, None)):
        values = {"id": id, "expectedVersion": version, "caption": caption}
        payload = await api.do("attachmentUpdate", "attachment { version caption }", **values)
        assert payload["attachment"] == {"version": version + 1, "caption": caption}


DEEP = """{ attachments(first: 50) { totalCount nodes { id filename status contentType url
    viewerCanDelete createdBy { name } deletedBy { name } } } }"""
BELOW = """{ actions(first: 50) { nodes { title attachments(first: 3) { totalCount
    nodes { filename createdBy { name } } } } } }"""


async def test_statements_do_not_grow_with_rows(
    company: Company, api: Client, subject: str
) -> None:
    for number in range(2):
        await promise(api, subject, b"%d" % number)
    few = [await _cost(api, document) for document in (DEEP, DEEP, BELOW)]
    for _ in range(5):
        record = await a_record(company, api)
        for number in range(4):
            await promise(api, record, b"%d" % number)
    assert [await _cost(api, document) for document in (DEEP, BELOW)] == few[1:]


async def _cost(api: Client, document: str) -> int:
    await api.ask(document)
    return len(api.statements)

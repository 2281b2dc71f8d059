"""What reading evidence costs, and how it is found."""

from typing import Any

from tests.comments.comment_commands import say, task
from tests.company import Client, Company, texts
from tests.evidence_items.evidence_commands import clauses, collect, link

PAGE = """{ evidenceItems(first: 22) { totalCount nodes { reference title collectedBy { name }
    viewerCanUpdate comments { totalCount } links(first: 2) { nodes { status clause { number }
    availableTransitions { name } } } %s } } }"""
SUBJECT = "subject { id ... on Action { reference owner { name } } } record { id }"
BY = """query ($filter: EvidenceItemFilter) { evidenceItems(filter: $filter,
    orderBy: [{field: TITLE}]) { nodes { title } } }"""


async def test_the_number_of_statements_does_not_grow_with_the_rows(
    api: Client, company: Company
) -> None:
    counts: dict[str, list[int]] = {"": [], SUBJECT: []}
    (rule,) = await clauses(api, "1")
    for rows in (2, 8):
        for _ in range(rows):
            about = await task(api, company.owner.id)
            item = await collect(api, about, kind="RECORD", url=None, recordId=await task(
                api, company.owner.id))  # fmt: skip
            await say(api, item["id"])
            await link(api, item, rule)
        for more, row in counts.items():
            await api.ask(PAGE % more)
            row.append(len(api.statements))
    assert all(few == many for few, many in counts.values()), counts
    assert max(count for row in counts.values() for count in row) <= 14


async def test_evidence_is_found_by_what_it_is_about(api: Client, company: Company) -> None:
    first, second = [await task(api, company.owner.id) for _ in range(2)]
    a = await collect(api, first, title="A", expiresOn="2026-01-01")
    await collect(api, first, title="B", kind="RECORD", url=None, recordId=second)
    await collect(api, second, title="C", effectiveOn="2026-01-01", confidentiality="PUBLIC")
    await link(api, a, *await clauses(api, "1"), polarity="CONTRADICTS")
    cases: tuple[tuple[dict[str, Any], list[str]], ...] = (
        ({"subjectId": {"eq": first}}, ["A", "B"]),
        ({"recordId": {"eq": second}}, ["B"]),
        ({"recordId": {"isNull": True}}, ["A", "C"]),
        ({"expiresOn": {"lt": "2026-06-01"}}, ["A"]),
        ({"effectiveOn": {"lt": "2026-06-01"}}, ["C"]),
        ({"confidentiality": {"in": ["PUBLIC", "CONFIDENTIAL"]}}, ["C"]),
        ({"kind": {"eq": "RECORD"}}, ["B"]),
        ({"links": {"some": {"polarity": {"eq": "CONTRADICTS"}}}}, ["A"]),
        ({"collectedBy": {"name": {"eq": "nobody"}}}, []),
        ({"withdrawnAt": {"isNull": True}}, ["A", "B", "C"]),
    )
    for filter, titles in cases:
        data = await api.ask(BY, filter=filter)
        assert texts(data["evidenceItems"]["nodes"], "title") == titles, filter

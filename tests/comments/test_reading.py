"""What reading comments costs, and how they are found."""

from tests.comments.comment_commands import say, task
from tests.company import Client, Company, texts

PAGE = """{ comments(first: 50) { totalCount nodes { body visibility parent { id }
    createdBy { name } mentions { name } answers { nodes { body } } viewerCanDelete
    %s } } }"""
SUBJECT = "subject { id ... on Action { reference owner { name } } ... on Site { name } }"
BY = """query ($filter: CommentFilter) { comments(filter: $filter,
    orderBy: [{field: CREATED_AT, direction: DESC}]) { nodes { body } } }"""


async def test_the_number_of_statements_does_not_grow_with_the_rows(
    api: Client, company: Company
) -> None:
    counts: dict[str, list[int]] = {"": [], SUBJECT: []}
    for rows in (2, 8):
        for number in range(rows):
            about = await task(api, company.owner.id)
            said = await say(api, about, f"{number}", mentionIds=[company.owner.id])
            await say(api, about, "Yes.", parentId=said["id"])
        for more, item in counts.items():
            await api.ask(PAGE % more)
            item.append(len(api.statements))
    assert all(few == many for few, many in counts.values()), counts
    assert counts[""][0] <= 6
    assert counts[SUBJECT][0] <= 12


async def test_comments_are_found_by_what_they_are_about(api: Client, company: Company) -> None:
    first, second = [await task(api, company.owner.id) for _ in range(2)]
    said = await say(api, first, "One.")
    await say(api, first, "Two.", parentId=said["id"], mentionIds=[company.owner.id])
    await say(api, second, "Three.", visibility="EXTERNAL")
    mine = {"eq": company.owner.id}
    for filter, bodies in (
        ({"subjectId": {"eq": first}}, ["Two.", "One."]),
        ({"subjectId": {"in": [first, second]}}, ["Three.", "Two.", "One."]),
        ({"parentId": {"isNull": True}}, ["Three.", "One."]),
        ({"visibility": {"eq": "EXTERNAL"}}, ["Three."]),
        ({"mentions": {"some": {"id": mine}}}, ["Two."]),
        ({"createdById": mine, "body": {"contains": "o"}}, ["Two.", "One."]),
    ):
        data = await api.ask(BY, filter=filter)
        assert texts(data["comments"]["nodes"], "body") == bodies
    wrong = {"subjectId": {"eq": company.owner.id}}
    assert await api.refusal(BY, filter=wrong) == "BAD_USER_INPUT"


async def test_the_plan_reads_comments_without_resolvers(api: Client, company: Company) -> None:
    await say(api, await task(api, company.owner.id), mentionIds=[company.owner.id])
    answer = await api.http.post(
        "/graphql", json={"query": PAGE % ""}, headers={"X-QGP-Explain": "plan"}
    )
    assert "fallbackReason" not in answer.json()["extensions"]["plan"]

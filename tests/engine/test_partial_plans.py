"""Partial plans of operations that the resolvers execute, and payloads of mutations."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.kit.policy import Role
from tests.company import Client, Company
from tests.engine.conftest import Apart
from tests.engine.read_paths import ReadPaths, client_of

PLACED = "users { nodes { availableTransitions { name } site { name code } } }"
DOCUMENTS = {
    "beside an unplannable root": "{ viewer { permissions } sites(first: 3) { nodes { code } } }",
    "below an unplannable field": f"{{ {PLACED} }}",
    "below an unplannable root": """{ standardCatalogue { code adopted {
        title clauses(first: 2) { totalCount nodes { number } } createdBy { name } } } }""",
    "below the viewer": """{ viewer { user { name site { name } department { code } }
        organization { name createdBy { name } } permissions } }""",
    "lists below an unplannable list": """{ users(first: 3) { nodes { availableTransitions { to }
        createdBy { name } updatedBy { site { code parent { code } } } } totalCount } }""",
    "two aliases of one field": """{ a: sites(first: 1) { nodes { id } } viewer { permissions }
        b: sites(last: 1) { nodes { id } } }""",
    "merged fields": """{ viewer { permissions } sites(first: 2) { nodes { id } }
        sites(first: 2) { nodes { code } totalCount } }""",
    "fragments": """query { viewer { ...V } node: users(first: 2) { ...U } }
        fragment V on Viewer { user { ...N site { id } } permissions }
        fragment N on Node { id __typename }
        fragment U on UserConnection { nodes { availableTransitions { name } ... on Authored {
            createdBy { ...N } } } }""",
    "null above": """{ viewer { permissions }
        standard(by: {code: "none"}) { clauses { totalCount } } }""",
}
PLANNED = """{ standards { nodes { availableTransitions {
    name to isAllowed requiresReason requiredInputs { name description type } signature
    blockers { code message subject { id __typename } } } } } }"""
GAP = """query ($older: ID!, $newer: ID!) { transitionGap(olderId: $older, newerId: $newer) {
    counts { changeKind count openCount } older { code clauses(first: 2) { nodes { number } } }
    newer { supersedes { code } } changes(first: 3) { totalCount nodes {
        changeKind toClause { number ancestors { number } assessment { conformity } }
        fromStandard { code } availableTransitions { name blockers { message } } } } } }"""


@pytest.mark.parametrize("document", DOCUMENTS.values(), ids=DOCUMENTS)
async def test_partial_plans_answer_as_their_resolvers_do(
    company_with_data: Company, read_paths: ReadPaths, document: str
) -> None:
    answer = await read_paths.same(company_with_data.owner.token, document)
    assert answer.reason is not None
    assert answer.data


async def test_the_gap_between_editions_is_answered_as_the_resolvers_do(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    async with company_with_data.owner.signed_in() as api:
        standards = (await api.ask("{ standards { nodes { id code } } }"))["standards"]["nodes"]
    ids = {row["code"]: row["id"] for row in standards}
    variables = {"older": ids["ISO9001:2015"], "newer": ids["ISO9001:2026"]}
    answer = await read_paths.same(company_with_data.owner.token, GAP, **variables)
    assert answer.reason == "Query.transitionGap"
    assert answer.data["transitionGap"]["changes"]["totalCount"] > 3


async def test_partial_plans_take_as_many_statements_for_two_rows_as_for_many(
    company: Company, api: Client, read_paths: ReadPaths
) -> None:
    counts, sizes = [], []
    async with client_of(read_paths.planned, company.owner.token) as client:
        for round in range(2):
            for n in range(2 + 20 * round):
                values = {"code": f"{round}{n}", "name": "S"}
                site = await api.do("siteCreate", "site { id }", **values)
                person = await company.hire(Role.EMPLOYEE)
                place = {"expectedVersion": 1, "siteId": site["site"]["id"]}
                await api.do("userUpdate", id=person.id, **place)
            answer = await client.ask(f"{{ {PLACED.replace('users', 'users(first: 100)')} }}")
            counts.append(answer.statements)
            sizes.append(sum(user["site"] is not None for user in answer.data["users"]["nodes"]))
    assert sizes == [2, 24]
    assert counts[0] == counts[1]
    await read_paths.same(company.owner.token, f"{{ {PLACED} }}")


PAYLOAD = """mutation ($code: String!, $parent: ID) { siteCreate(
    input: {code: $code, name: "Site %s", parentId: $parent}) {
        site { code name version createdBy { name } parent { code parent { code } }
            viewerCanUpdate }
        siteEdge { node { code createdBy { role } parent { name } } }
        errors { __typename code message path } } }"""


async def created(
    company: Company, read_paths: ReadPaths, *, is_planned: bool, **variables: Any
) -> dict[str, Any]:
    application = read_paths.planned if is_planned else read_paths.resolvers
    async with client_of(application, company.owner.token) as client:
        payload: dict[str, Any] = (await client.ask(PAYLOAD, **variables)).data["siteCreate"]
        return payload


async def test_payloads_show_the_written_record_as_the_resolvers_do(
    hire: Any, read_paths: ReadPaths
) -> None:
    answers = []
    for is_planned in (False, True):
        company = await hire.company()
        below = None
        payloads = []
        for code in ("A", "B", "B"):
            payloads.append(
                await created(company, read_paths, is_planned=is_planned, code=code, parent=below)
            )
            async with company.owner.signed_in() as api:
                data = await api.ask('{ site(by: {code: "A"}) { id } }')
                below = data["site"]["id"]
        answers.append(payloads)
    assert answers[0] == answers[1]
    first, second, refused = answers[1]
    assert (first["site"]["code"], first["errors"]) == ("A", [])
    assert second["site"]["parent"] == {"code": "A", "parent": None}
    assert second["siteEdge"]["node"]["parent"] == {"name": "Site %s"}
    assert (refused["site"], refused["siteEdge"]) == (None, None)
    assert [error["code"] for error in refused["errors"]] == ["ALREADY_EXISTS"]


async def test_a_refused_command_compiles_no_query_for_its_record(
    company: Company, new_read_paths: ReadPaths
) -> None:
    programs = []
    for code in (" ", "A"):
        await created(company, new_read_paths, is_planned=True, code=code)
        operations = new_read_paths.engine.plans._by_operation._values.values()
        plans = [plan for variants in operations for plan in variants._values.values()]
        programs.append(sum(len(plan._queries) for plan in plans))
    assert programs[0] == 0 < programs[1]


async def test_two_mutations_of_a_document_each_show_their_own_result(
    company: Company, read_paths: ReadPaths
) -> None:
    async with client_of(read_paths.planned, company.owner.token) as client:
        one = (await client.ask(PAYLOAD, code="A")).data["siteCreate"]
        assert one["site"]["version"] == 1
        site = await client.ask('{ site(by: {code: "A"}) { id } }')
        rename = """mutation ($id: ID!) {
            a: siteUpdate(input: {id: $id, expectedVersion: 1, name: "One"}) { ...Shown }
            b: siteUpdate(input: {id: $id, expectedVersion: 2, name: "Two"}) { ...Shown } }
            fragment Shown on SiteUpdatePayload { site { name version } errors { code } }"""
        answer = await client.ask(rename, id=site.data["site"]["id"])
    assert answer.data == {
        "a": {"site": {"name": "One", "version": 2}, "errors": []},
        "b": {"site": {"name": "Two", "version": 3}, "errors": []},
    }


async def test_the_same_mutation_is_planned_once(
    company: Company, new_read_paths: ReadPaths
) -> None:
    plans = new_read_paths.engine.plans._by_operation
    async with client_of(new_read_paths.planned, company.owner.token) as client:
        await client.ask(PAYLOAD, code="A")
        before = len(plans)
        for code in "BCDEF":
            await client.ask(PAYLOAD, code=code)
        assert len(plans) == before


async def test_documents_that_select_the_same_of_a_record_share_its_query(
    company: Company, new_read_paths: ReadPaths
) -> None:
    relations = new_read_paths.engine.plans._relations
    counts = []
    async with client_of(new_read_paths.planned, company.owner.token) as client:
        for code, document in enumerate(
            (PAYLOAD, PAYLOAD.replace("message", ""), PAYLOAD.replace("role", "name"))
        ):
            await client.ask(document, code=str(code))
            counts.append(len(relations))
    assert 0 < counts[0] == counts[1] < counts[2]


async def test_a_partial_plan_whose_connection_dies_is_answered_by_its_resolver(
    company_with_data: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    assert application.read_engine is not None
    document = DOCUMENTS["beside an unplannable root"]
    async with client_of(application, company_with_data.owner.token) as client:
        before = await client.ask(document)
        async with application.read_engine.read_connections.acquire(
            company_with_data.organization_id
        ) as connection:
            pid = (await connection.fetch("SELECT pg_backend_pid()", []))[0][0]
            async with application.engine.connect() as killer:
                ended = sa.text("SELECT pg_terminate_backend(:pid, 1000)")
                await killer.execute(ended, {"pid": pid})
        after = await client.ask(document)
    assert after.data == before.data


async def test_more_partial_plans_at_once_than_connections_are_all_answered(
    company_with_data: Company, apart: Apart
) -> None:
    """Each request holds the connection of its sign-in while it waits for a read connection."""
    application = apart(pool_size=3, pool_overflow=0, planned_connections=1)
    document = DOCUMENTS["beside an unplannable root"]
    async with client_of(application, company_with_data.owner.token) as client, asyncio.timeout(20):
        expected = (await client.answer(document)).content
        await asyncio.sleep(0.1)  # the connection goes back to the pool
        answers = await asyncio.gather(*[client.answer(document) for _ in range(12)])
    assert {answer.content for answer in answers} == {expected}


@pytest.mark.parametrize("role", [Role.OWNER, Role.AUDITOR])
async def test_transitions_that_depend_only_on_the_state_are_planned(
    company_with_data: Company, read_paths: ReadPaths, role: Role
) -> None:
    person = await company_with_data.hire(role)
    answer = await read_paths.same(person.token, PLANNED)
    assert answer.reason is None
    first = answer.body["data"]["standards"]["nodes"][0]["availableTransitions"][0]
    refused = [(each["code"], each["subject"]) for each in first["blockers"]]
    assert refused == ([] if role is Role.OWNER else [("FORBIDDEN", None)])

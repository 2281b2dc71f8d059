"""Planned parts of what otherwise runs on the reference, and payloads of mutations."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.kit.policy import Role
from tests.company import Client, Company
from tests.engine.conftest import Apart
from tests.engine.read_paths import ReadPaths, asking

PLACED = "users { nodes { availableTransitions { name } site { name code } } }"
DOCUMENTS = {
    "beside an opaque root": "{ viewer { permissions } sites(first: 3) { nodes { code } } }",
    "below an opaque field": f"{{ {PLACED} }}",
    "below a root that only Python knows": """{ standardCatalogue { code adopted {
        title clauses(first: 2) { totalCount nodes { number } } createdBy { name } } } }""",
    "below the viewer": """{ viewer { user { name site { name } department { code } }
        organization { name createdBy { name } } permissions } }""",
    "lists below an opaque list": """{ users(first: 3) { nodes { availableTransitions { to }
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
async def test_islands_answer_as_their_resolvers_do(
    library: Company, sides: ReadPaths, document: str
) -> None:
    told = await sides.same(library.owner.token, document)
    assert told.reason is not None
    assert told.data


async def test_the_gap_between_editions_is_answered_as_the_reference_does(
    library: Company, sides: ReadPaths
) -> None:
    async with library.owner.signed_in() as api:
        found = (await api.ask("{ standards { nodes { id code } } }"))["standards"]["nodes"]
    known = {row["code"]: row["id"] for row in found}
    asked = {"older": known["ISO9001:2015"], "newer": known["ISO9001:2026"]}
    told = await sides.same(library.owner.token, GAP, **asked)
    assert told.reason == "Query.transitionGap"
    assert told.data["transitionGap"]["changes"]["totalCount"] > 3


async def test_what_lies_below_is_read_in_as_many_statements_for_two_rows_as_for_many(
    company: Company, api: Client, sides: ReadPaths
) -> None:
    counts, sizes = [], []
    async with asking(sides.planned, company.owner.token) as asker:
        for round in range(2):
            for n in range(2 + 20 * round):
                given = {"code": f"{round}{n}", "name": "S"}
                site = await api.do("siteCreate", "site { id }", **given)
                person = await company.hire(Role.EMPLOYEE)
                place = {"expectedVersion": 1, "siteId": site["site"]["id"]}
                await api.do("userUpdate", id=person.id, **place)
            told = await asker.ask(f"{{ {PLACED.replace('users', 'users(first: 100)')} }}")
            counts.append(told.statements)
            sizes.append(sum(user["site"] is not None for user in told.data["users"]["nodes"]))
    assert sizes == [2, 24]
    assert counts[0] == counts[1]
    await sides.same(company.owner.token, f"{{ {PLACED} }}")


PAYLOAD = """mutation ($code: String!, $parent: ID) { siteCreate(
    input: {code: $code, name: "Site %s", parentId: $parent}) {
        site { code name version createdBy { name } parent { code parent { code } }
            viewerCanUpdate }
        siteEdge { node { code createdBy { role } parent { name } } }
        errors { __typename code message path } } }"""


async def created(
    company: Company, sides: ReadPaths, *, is_planned: bool, **given: Any
) -> dict[str, Any]:
    application = sides.planned if is_planned else sides.reference
    async with asking(application, company.owner.token) as asker:
        found: dict[str, Any] = (await asker.ask(PAYLOAD, **given)).data["siteCreate"]
        return found


async def test_payloads_show_what_was_written_as_the_reference_does(
    hire: Any, sides: ReadPaths
) -> None:
    answers = []
    for is_planned in (False, True):
        company = await hire.company()
        below = None
        made = []
        for code in ("A", "B", "B"):
            made.append(
                await created(company, sides, is_planned=is_planned, code=code, parent=below)
            )
            async with company.owner.signed_in() as api:
                found = await api.ask('{ site(by: {code: "A"}) { id } }')
                below = found["site"]["id"]
        answers.append(made)
    assert answers[0] == answers[1]
    first, second, refused = answers[1]
    assert (first["site"]["code"], first["errors"]) == ("A", [])
    assert second["site"]["parent"] == {"code": "A", "parent": None}
    assert second["siteEdge"]["node"]["parent"] == {"name": "Site %s"}
    assert (refused["site"], refused["siteEdge"]) == (None, None)
    assert [error["code"] for error in refused["errors"]] == ["ALREADY_EXISTS"]


async def test_a_refused_command_makes_no_statement_of_the_record_that_it_does_not_show(
    company: Company, new_sides: ReadPaths
) -> None:
    programs = []
    for code in (" ", "A"):
        await created(company, new_sides, is_planned=True, code=code)
        operations = new_sides.engine.plans._by_operation._values.values()
        plans = [plan for variants in operations for plan in variants._values.values()]
        programs.append(sum(len(plan._queries) for plan in plans))
    assert programs[0] == 0 < programs[1]


async def test_two_mutations_of_a_document_each_show_what_they_left(
    company: Company, sides: ReadPaths
) -> None:
    async with asking(sides.planned, company.owner.token) as asker:
        one = (await asker.ask(PAYLOAD, code="A")).data["siteCreate"]
        assert one["site"]["version"] == 1
        found = await asker.ask('{ site(by: {code: "A"}) { id } }')
        rename = """mutation ($id: ID!) {
            a: siteUpdate(input: {id: $id, expectedVersion: 1, name: "One"}) { ...Shown }
            b: siteUpdate(input: {id: $id, expectedVersion: 2, name: "Two"}) { ...Shown } }
            fragment Shown on SiteUpdatePayload { site { name version } errors { code } }"""
        told = await asker.ask(rename, id=found.data["site"]["id"])
    assert told.data == {
        "a": {"site": {"name": "One", "version": 2}, "errors": []},
        "b": {"site": {"name": "Two", "version": 3}, "errors": []},
    }


async def test_the_same_mutation_is_planned_once(company: Company, new_sides: ReadPaths) -> None:
    plans = new_sides.engine.plans._by_operation
    async with asking(new_sides.planned, company.owner.token) as asker:
        await asker.ask(PAYLOAD, code="A")
        before = len(plans)
        for code in "BCDEF":
            await asker.ask(PAYLOAD, code=code)
        assert len(plans) == before


async def test_an_island_whose_connection_dies_is_answered_by_its_resolver(
    library: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    assert application.planned is not None
    document = DOCUMENTS["beside an opaque root"]
    async with asking(application, library.owner.token) as asker:
        before = await asker.ask(document)
        async with application.planned.read_connections.acquire(
            library.organization_id
        ) as connection:
            pid = (await connection.fetch("SELECT pg_backend_pid()", []))[0][0]
            async with application.engine.connect() as killer:
                ended = sa.text("SELECT pg_terminate_backend(:pid, 1000)")
                await killer.execute(ended, {"pid": pid})
        after = await asker.ask(document)
    assert after.data == before.data


async def test_more_islands_at_once_than_there_are_connections_are_all_answered(
    library: Company, apart: Apart
) -> None:
    """Each holds the connection that it was authenticated on while it waits for a connection."""
    application = apart(pool_size=3, pool_overflow=0, planned_connections=1)
    document = DOCUMENTS["beside an opaque root"]
    async with asking(application, library.owner.token) as asker, asyncio.timeout(20):
        own = (await asker.answer(document)).content
        await asyncio.sleep(0.1)  # the connection goes back to the pool
        answers = await asyncio.gather(*[asker.answer(document) for _ in range(12)])
    assert {answer.content for answer in answers} == {own}


@pytest.mark.parametrize("role", [Role.OWNER, Role.AUDITOR])
async def test_transitions_that_a_state_decides_are_planned(
    library: Company, sides: ReadPaths, role: Role
) -> None:
    person = await library.hire(role)
    told = await sides.same(person.token, PLANNED)
    assert told.reason is None
    first = told.body["data"]["standards"]["nodes"][0]["availableTransitions"][0]
    refused = [(each["code"], each["subject"]) for each in first["blockers"]]
    assert refused == ([] if role is Role.OWNER else [("FORBIDDEN", None)])

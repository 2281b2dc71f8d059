"""Number of statements of a planned read: as many for two rows as for a hundred."""

import re

import pytest

from qgp.organizations.model import Site
from tests.company import Company
from tests.engine.read_paths import ReadPaths, client_of

FEW = '{number: {in: ["4.1", "4.2"]}}'
ALL = '{number: {startsWith: ""}}'
REGISTERS = {
    "sites": "code name parent { name parent { name } } createdBy { name }",
    "departments": "code name parent { code }",
    "users": "name email role site { name } department { name } updatedBy { name }",
    "standards": "code status supersedes { code } availableTransitions { name to }",
    "clauses": "number standard { code } parent { number } assessment { owner { name } }",
    "clauseMappings": "strength fromClause { number standard { code } } toStandard { code }",
    "clauseAssessments": "conformity clause { number } site { name } owner { name }",
}
SHAPES = {
    # shape of `nodes` below at most a hundred clauses, and the statements that it takes
    "a short list": ("children(first: 2) { nodes { id parent { number } } }", 1),
    "a short list and a count": ("children(first: 2) { nodes { id } totalCount }", 1),
    "a long list": ("children(first: 10) { nodes { id parent { number } } }", 2),
    "a long list and a count": ("children(first: 10) { nodes { id } totalCount }", 2),
    "a count alone": ("children(first: 10) { totalCount }", 2),
    "a place in the list": ("children(first: 2) { pageInfo { hasNextPage endCursor } }", 2),
    "a place and a count": ("children(first: 2) { pageInfo { endCursor } totalCount }", 3),
    "cursors": ("children(first: 2) { edges { cursor node { id } } }", 2),
    "what is climbed to": ("ancestors { number standard { code } }", 2),
    "what is ranked": ("mappings { strength fromClause { number } toStandard { code } }", 2),
    "two lists side by side": (
        "children(first: 10) { nodes { id } } assessments(first: 10) { nodes { id } }",
        3,
    ),
    "three levels of cursors": (
        """children(first: 2) { edges { cursor node {
            children(first: 2) { edges { cursor node { id } } } } } }""",
        3,
    ),
}


@pytest.mark.parametrize("name", REGISTERS)
async def test_a_listing_with_its_total_and_its_relations_takes_one_statement(
    company_with_data: Company, read_paths: ReadPaths, name: str
) -> None:
    fields, counts = REGISTERS[name], []
    async with client_of(read_paths.planned, company_with_data.owner.token) as client:
        for size in (2, 100):
            page = f"totalCount nodes {{ id {fields} }} pageInfo {{ endCursor hasNextPage }}"
            answer = await client.ask(f"{{ {name}(first: {size}) {{ {page} }} }}")
            counts.append((answer.reason, answer.statements, len(answer.sql)))
    # Without a department no row contains the total or confirms the sign-in.
    expected = (None, 3, 3) if name == "departments" else (None, 1, 1)
    assert counts == [expected] * 2


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_list_below_a_hundred_rows_takes_the_statements_of_two(
    company_with_data: Company, read_paths: ReadPaths, shape: str
) -> None:
    below, statements = SHAPES[shape]
    counts, rows = [], []
    for filter in (FEW, ALL):
        document = f"{{ clauses(first: 100, filter: {filter}) {{ nodes {{ number {below} }} }} }}"
        answer = await read_paths.same(company_with_data.owner.token, document)
        assert answer.reason is None
        counts.append(len(answer.sql))
        rows.append(len(answer.data["clauses"]["nodes"]))
    assert rows == [6, 100]
    assert counts[1] == statements
    assert counts[0] <= statements  # two rows may have no children


async def test_a_lookup_with_relations_and_short_lists_takes_one_statement(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    document = """query ($id: ID!) { clause(by: {id: $id}) { number standard { code supersedes {
        code } } parent { number } assessment { conformity owner { name site { name } } }
        children(first: 9) { totalCount nodes { number parent { number } } }
        createdBy { name } } }"""
    async with client_of(read_paths.planned, company_with_data.owner.token) as client:
        clauses = await client.ask('{ clauses(filter: {number: {eq: "8.5"}}) { nodes { id } } }')
    answer = await read_paths.same(
        company_with_data.owner.token, document, id=clauses.data["clauses"]["nodes"][0]["id"]
    )
    assert (answer.reason, len(answer.sql)) == (None, 1)
    assert answer.data["clause"]["children"]["totalCount"] > 2


async def test_a_small_nested_read_takes_one_statement_and_a_large_one_takes_one_per_level(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    document = """query ($n: Int!) { standards(first: $n) { nodes { code clauses(first: $n) {
        nodes { number children(first: $n) { nodes { number } } } } } } }"""
    async with client_of(read_paths.planned, company_with_data.owner.token) as client:
        counts = {n: len((await client.ask(document, n=n)).sql) for n in (1, 5, 7, 8, 20)}
    # 7 + 7 * 7 + 7 * 7 * 7 = 399 rows at the most; one statement writes no more than 400.
    assert counts == {1: 1, 5: 1, 7: 1, 8: 3, 20: 3}


async def test_a_read_without_rows_takes_a_statement_to_confirm_the_sign_in(
    company_with_data: Company, new_read_paths: ReadPaths
) -> None:
    async with client_of(new_read_paths.planned, company_with_data.owner.token) as client:
        counts = [
            len((await client.ask(document)).sql)
            for document in (
                "{ __typename }",
                '{ site(by: {code: "none"}) { id } }',
                "{ sites(first: 0) { nodes { id } } }",
                "{ sites { nodes { id } } standards { nodes { id } } }",
            )
        ]
    assert counts == [1, 2, 2, 2]


async def test_the_access_log_counts_the_statements_sent(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    async with client_of(read_paths.planned, company_with_data.owner.token) as client:
        for document in ("{ sites { totalCount } }", '{ site(by: {code: "none"}) { id } }'):
            answer = await client.ask(document)
            assert answer.statements == len(answer.sql) > 0


@pytest.mark.parametrize(
    ("selection", "selected"),
    [
        ("sites { nodes { name } }", {"name"}),
        ("sites { nodes { name parent { code } } }", {"name", "parent_id", "code"}),
        ("sites(orderBy: [{field: NAME}]) { nodes { country } }", {"country", "name_sort"}),
    ],
)
async def test_a_statement_selects_only_the_requested_columns(
    company_with_data: Company, read_paths: ReadPaths, selection: str, selected: set[str]
) -> None:
    columns = set(Site.__table__.columns.keys()) - {"version"}  # a sign-in has one as well
    answer = await read_paths.same(company_with_data.owner.token, f"{{ {selection} }}")
    (text,) = answer.sql
    columns_named = columns & set(re.findall(r"\w+", text))
    assert columns_named - {"id", "organization_id", "code_sort"} == selected

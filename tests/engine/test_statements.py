"""What a planned read costs in statements: as many for two rows as for a hundred."""

import re

import pytest

from qgp.organizations.model import Site
from tests.company import Company
from tests.engine.read_paths import ReadPaths, asking

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
async def test_a_register_with_its_total_and_its_relations_takes_one_statement(
    library: Company, sides: ReadPaths, name: str
) -> None:
    fields, found = REGISTERS[name], []
    async with asking(sides.planned, library.owner.token) as asker:
        for size in (2, 100):
            page = f"totalCount nodes {{ id {fields} }} pageInfo {{ endCursor hasNextPage }}"
            told = await asker.ask(f"{{ {name}(first: {size}) {{ {page} }} }}")
            found.append((told.reason, told.statements, len(told.sql)))
    # No department: nothing tells the total, nor that the log-in holds.
    expected = (None, 3, 3) if name == "departments" else (None, 1, 1)
    assert found == [expected] * 2


@pytest.mark.parametrize("shape", SHAPES)
async def test_what_lies_below_a_hundred_rows_takes_the_statements_of_two(
    library: Company, sides: ReadPaths, shape: str
) -> None:
    below, statements = SHAPES[shape]
    counts, rows = [], []
    for filter in (FEW, ALL):
        document = f"{{ clauses(first: 100, filter: {filter}) {{ nodes {{ number {below} }} }} }}"
        told = await sides.same(library.owner.token, document)
        assert told.reason is None
        counts.append(len(told.sql))
        rows.append(len(told.data["clauses"]["nodes"]))
    assert rows == [6, 100]
    assert counts[1] == statements
    assert counts[0] <= statements  # two rows may have nothing below which a level would go on


async def test_a_look_up_with_relations_and_short_lists_takes_one_statement(
    library: Company, sides: ReadPaths
) -> None:
    document = """query ($id: ID!) { clause(by: {id: $id}) { number standard { code supersedes {
        code } } parent { number } assessment { conformity owner { name site { name } } }
        children(first: 9) { totalCount nodes { number parent { number } } }
        createdBy { name } } }"""
    async with asking(sides.planned, library.owner.token) as asker:
        found = await asker.ask('{ clauses(filter: {number: {eq: "8.5"}}) { nodes { id } } }')
    told = await sides.same(
        library.owner.token, document, id=found.data["clauses"]["nodes"][0]["id"]
    )
    assert (told.reason, len(told.sql)) == (None, 1)
    assert told.data["clause"]["children"]["totalCount"] > 2


async def test_a_small_nested_read_takes_one_statement_and_a_large_one_one_for_each_level(
    library: Company, sides: ReadPaths
) -> None:
    document = """query ($n: Int!) { standards(first: $n) { nodes { code clauses(first: $n) {
        nodes { number children(first: $n) { nodes { number } } } } } } }"""
    async with asking(sides.planned, library.owner.token) as asker:
        counts = {n: len((await asker.ask(document, n=n)).sql) for n in (1, 5, 7, 8, 20)}
    # 7 + 7 * 7 + 7 * 7 * 7 = 399 rows at the most; one statement writes no more than 400.
    assert counts == {1: 1, 5: 1, 7: 1, 8: 3, 20: 3}


async def test_nothing_of_the_database_still_asks_whether_the_log_in_holds(
    library: Company, new_sides: ReadPaths
) -> None:
    async with asking(new_sides.planned, library.owner.token) as asker:
        counts = [
            len((await asker.ask(document)).sql)
            for document in (
                "{ __typename }",
                '{ site(by: {code: "none"}) { id } }',
                "{ sites(first: 0) { nodes { id } } }",
                "{ sites { nodes { id } } standards { nodes { id } } }",
            )
        ]
    assert counts == [1, 2, 2, 2]


async def test_what_the_access_log_counts_is_what_was_sent(
    library: Company, sides: ReadPaths
) -> None:
    async with asking(sides.planned, library.owner.token) as asker:
        for document in ("{ sites { totalCount } }", '{ site(by: {code: "none"}) { id } }'):
            told = await asker.ask(document)
            assert told.statements == len(told.sql) > 0


@pytest.mark.parametrize(
    ("asked", "selected"),
    [
        ("sites { nodes { name } }", {"name"}),
        ("sites { nodes { name parent { code } } }", {"name", "parent_id", "code"}),
        ("sites(orderBy: [{field: NAME}]) { nodes { country } }", {"country", "name_sort"}),
    ],
)
async def test_a_statement_names_the_columns_that_are_asked_for_and_no_others(
    library: Company, sides: ReadPaths, asked: str, selected: set[str]
) -> None:
    columns = set(Site.__table__.columns.keys()) - {"version"}  # a sign-in has one as well
    answer = await sides.same(library.owner.token, f"{{ {asked} }}")
    (text,) = answer.sql
    columns_named = columns & set(re.findall(r"\w+", text))
    assert columns_named - {"id", "organization_id", "code_sort"} == selected

"""Cost in points: merged fields once, skipped ones not at all, lists by their bound, filters."""

from typing import Any

import pytest

from qgp.http.cost import OperationCost
from qgp.http.document_cache import DocumentCache
from qgp.http.limits import Limits
from tests.effort import effort
from tests.http.serving import Client, code, endpoint, guarded


async def cost(query: str, **variables: Any) -> int:
    response = await Client(endpoint()).post(query, variables)
    points: int = response.json()["extensions"]["cost"]
    return points


@pytest.mark.parametrize(
    ("query", "cost"),
    [
        ("{ __typename }", 1),
        ("{ clause { id title } }", 3),
        ("{ clause { ancestors { id title } } }", 1 + 1 + 8 * 2),
        ("{ clauses { totalCount } }", 2),
        ("{ clauses { nodes { id } } }", 1 + 1 + 25),
        ("{ clauses(first: 50) { nodes { id } } }", 1 + 1 + 50),
        ("{ clauses(last: 3) { edges { cursor node { id } } pageInfo { hasNextPage } } }", 13),
        ("{ clauses(first: 2) { ...C } } fragment C on ClauseConnection { nodes { id } }", 4),
        ("{ clauses(first: 2) { nodes { children(first: 3) { nodes { id } } } } }", 2 + 2 * 5),
        ("{ clauses(first: null, last: 5) { nodes { id } } }", 2 + 5),
        ("query ($n: Int) { clauses(first: $n, last: 5) { nodes { id } } }", 2 + 5),
        ("query ($n: Int) { clauses(first: $n) { nodes { id } } }", 2 + 25),
        ("{ clauses(first: 1000) { nodes { id } } }", 2 + 100),
        ("query ($n: Int = 7) { clauses(first: $n) { nodes { id } } }", 2 + 7),
        ("query ($size: Int = 7) { clauses(first: $size) { nodes { id } } }", 2 + 40),
    ],
)
async def test_the_cost_counts_records_once_and_their_fields(query: str, cost: int) -> None:
    response = await Client(endpoint()).post(query, {"size": 40})
    assert response.json()["extensions"] == {"cost": cost}


async def test_a_page_size_in_a_variable_counts() -> None:
    query = """query ($n: Int) { clauses(first: $n) {
        nodes { children(first: $n) { nodes { id title } } } } }"""
    client = Client(endpoint(Limits(cost=10_000)))
    assert (await client.post(query, {"n": 10})).json()["extensions"] == {"cost": 222}
    assert code(await client.post(query, {"n": 100})) == "QUERY_TOO_COMPLEX"


@pytest.mark.parametrize(
    ("query", "flat"),
    [
        ("{ clause { id id id } }", "{ clause { id } }"),
        ("{ clause { id } clause { title id } }", "{ clause { id title } }"),
        ("{ clause { a: id } clause { a: id b: id } }", "{ clause { a: id b: id } }"),
        (
            """{ clauses(first: 100) { nodes { ...A ...B } } }
            fragment A on Clause { children(first: 20) { nodes { id title } } }
            fragment B on Clause { children(first: 20) { nodes { id } totalCount } }""",
            """{ clauses(first: 100) { nodes {
            children(first: 20) { nodes { id title } totalCount } } } }""",
        ),
        (
            """{ clause { ...A ... on Clause { parent { title } ...A } } ...Q }
            fragment Q on Query { clause { ...A } }
            fragment A on Clause { parent { id } }""",
            "{ clause { parent { id title } } }",
        ),
        (
            "{ clauses(first: 9) { nodes { id } } clauses(first: 9) { edges { node { id } } } }",
            "{ clauses(first: 9) { nodes { id } edges { node { id } } } }",
        ),
    ],
)
async def test_fields_that_are_merged_are_charged_once(query: str, flat: str) -> None:
    assert await cost(query) == await cost(flat)


async def test_aliases_are_charged_each() -> None:
    assert await cost("{ a: clause { id title } b: clause { id title } }") == 6


@pytest.mark.parametrize(
    "selection",
    [
        "clauses @skip(if: true) { nodes { id } }",
        "clauses @include(if: false) { nodes { id } }",
        "... @skip(if: true) { clauses { nodes { id } } }",
        "...F @include(if: false)",
        "clauses @skip(if: $yes) { nodes { id } }",
        "clauses @include(if: $no) { nodes { id } }",
        "clauses @include(if: $not) { nodes { id } }",
        "clauses @include(if: true) @skip(if: $yes) { nodes { id } }",
    ],
)
async def test_what_is_left_out_costs_nothing(selection: str) -> None:
    query = f"""query ($yes: Boolean!, $no: Boolean!, $not: Boolean = false) {{
        __typename {selection} ...F @include(if: $not) ...F @include(if: $no) @skip(if: $yes) }}
        fragment F on Query {{ clauses {{ nodes {{ id }} }} }}"""
    assert await cost(query, yes=True, no=False) == 1


async def test_a_fragment_that_is_left_out_in_one_place_is_charged_in_the_other() -> None:
    fragment = "fragment F on Query { clauses { nodes { id } } }"
    assert await cost("{ ...F @skip(if: true) ...F } " + fragment) == 27


async def test_a_condition_in_a_variable_decides_with_each_request() -> None:
    query = """query ($all: Boolean!, $n: Int) { __typename
        clauses(first: $n) @include(if: $all) { nodes { id } } }"""
    client = Client(endpoint())
    for _ in range(2):
        for all_, expected in ((True, 6), (False, 1)):
            answer = await client.post(query, {"all": all_, "n": 3})
            assert answer.json()["extensions"] == {"cost": expected}


@pytest.mark.parametrize(
    ("selection", "points"),
    [
        ("clause { ancestors { id } }", 1 + 1 + 8),
        ("clause { unbounded { id } }", 1 + 1 + 100),
        ("byIds(ids: []) { id title }", 1),
        ('byIds(ids: "a") { id title }', 1 + 2),
        ('byIds(ids: ["a", "b", "c"]) { id title }', 1 + 3 * 2),
        ("byIds(ids: $ids) { id title }", 1 + 4 * 2),
    ],
)
async def test_a_plain_list_is_charged_by_its_bound(selection: str, points: int) -> None:
    query = f"query ($ids: [ID!]! = []) {{ {selection} other: byIds(ids: $ids) {{ id }} }}"
    assert await cost(query, ids=["a", "b", "c", "d"]) == points + 1 + 4


@pytest.mark.parametrize(
    ("filter", "points"),
    [
        ("{}", 0),
        ('{ title: { eq: "x" } }', 1),
        ("{ isLeaf: true }", 1),
        ('{ title: { in: ["a", "b", "c"] }, isLeaf: true }', 3 + 1),
        ('{ title: { in: "a" } }', 1),
        ("{ title: { in: [] } }", 1),
        ("{ or: [{ isLeaf: true }, { not: { isLeaf: false } }] }", 2),
        ("{ and: { isLeaf: true } }", 1),
        ('{ parent: { parent: { title: { eq: "x" } } } }', 10 + 10 + 1),
        ('{ and: [{ parent: { or: [{ title: { in: ["x", "y"] } }] } }] }', 10 + 2),
    ],
)
async def test_a_filter_costs_its_conditions_values_and_relations(filter: str, points: int) -> None:
    assert await cost(f"{{ clauses(first: 2, filter: {filter}) {{ nodes {{ id }} }} }}") == (
        4 + points
    )
    default = f"query ($f: ClauseFilter = {filter}) {{ clauses(first: 2, filter: $f) "
    assert await cost(default + "{ nodes { id } } }") == 4 + points


async def test_a_filter_in_a_variable_costs_what_the_literal_costs_with_each_use() -> None:
    query = """query ($f: ClauseFilter, $titles: [String!], $one: TitleFilter,
        $not: [ClauseFilter!]) { a: clauses(first: 0, filter: $f) { totalCount }
          b: clauses(first: 0, filter: $f) { totalCount }
          c: clauses(first: 0, filter: { title: { in: $titles } }) { totalCount }
          d: clauses(first: 0, filter: { title: $one, and: $not }) { totalCount } }"""
    variables: dict[str, Any] = {
        "f": {"parent": {"title": {"in": ["a", "b"]}}, "isLeaf": True},
        "titles": ["a"] * 7,
        "one": {"eq": "a", "in": ["a", "b"]},
        "not": [{"isLeaf": True}, {"not": {"isLeaf": True}}],
    }
    client = Client(endpoint())
    for _ in range(2):
        answer = await client.post(query, variables)
        assert answer.json()["extensions"] == {"cost": 4 * 2 + 2 * 13 + 7 + 3 + 2}
        answer = await client.post(query, {**variables, "titles": ["a"] * 2})
        assert answer.json()["extensions"] == {"cost": 4 * 2 + 2 * 13 + 2 + 3 + 2}
        assert (await client.post(query, {})).json()["extensions"] == {"cost": 4 * 2 + 1}


async def test_a_nested_filter_is_charged_for_each_row_above_it() -> None:
    below = "children(first: 3, filter: { isLeaf: true }) { totalCount }"
    assert await cost(f"{{ clauses(first: 10) {{ nodes {{ {below} }} }} }}") == 2 + 10 * 3


@pytest.mark.parametrize("value", [7, "text", [], [[]], {"title": 3}, {"and": 1}, {"nothing": []}])
async def test_a_malformed_filter_is_left_to_coercion(value: Any) -> None:
    query = "query ($f: ClauseFilter) { clauses(filter: $f) { totalCount } }"
    response = await Client(endpoint()).post(query, {"f": value})
    assert code(response) != "QUERY_TOO_COMPLEX"


@pytest.mark.parametrize(
    ("query", "path", "share"),
    [
        (
            """{ clauses(first: 100) { nodes { id title parent { id }
            children(first: 20) { nodes { id title } } ancestors { id } } } }""",
            "clauses.nodes.children",
            100 * (2 + 20 * 2),
        ),
        (
            "{ few: clauses(first: 2) { nodes { id } } clause { many: unbounded { id } } }",
            "clause.many",
            101,
        ),
        (
            """{ clause { id } clauses(first: 1, filter: { parent: { parent: {
            parent: { isLeaf: true } } } }) { nodes { id } } }""",
            "clauses",
            3 + 31,
        ),
        (
            """{ a: clauses(first: 40) { ...E } } fragment E on ClauseConnection {
            edges { node { ancestors { title } } } }""",
            "a.edges.node.ancestors",
            40 * 9,
        ),
    ],
)
async def test_the_refusal_names_the_path_that_costs_most(
    query: str, path: str, share: int
) -> None:
    [error] = (await Client(endpoint(Limits(cost=20))).post(query)).json()["errors"]
    points = await cost(query)
    assert error["message"] == (
        f"The document costs {points:,} points; 20 are allowed. {share:,} of them are for "
        f"`{path}`. Ask for smaller pages, fewer lists or fewer fields."
    )
    assert error["extensions"]["costliestPath"] == path


async def test_fields_alone_have_no_path_that_costs_most() -> None:
    [error] = (await Client(endpoint(Limits(cost=1))).post("{ clause { id } }")).json()["errors"]
    assert error["message"] == (
        "The document costs 2 points; 1 are allowed. Ask for smaller pages, fewer lists or fewer "
        "fields."
    )
    assert "costliestPath" not in error["extensions"]


def test_the_effort_grows_with_the_document_not_with_the_paths_through_it() -> None:
    def document(width: int) -> str:
        fields = " ".join(f"a{n}: parent {{ ...F{n} }}" for n in range(width))
        spreads = " ".join(f"...F{n}" for n in range(width))
        fragments = (f"fragment F{n} on Clause {{ parent {{ id }} }}" for n in range(width))
        return f"{{ clause {{ {spreads} {fields} }} }} {' '.join(fragments)}"

    schema = guarded()
    documents = DocumentCache(lambda: schema.graphql, Limits(), frozenset())
    calls = []
    for width in (20, 40):
        operation = documents.find(document(width), None).operation
        with effort() as spent:
            OperationCost(lambda: schema.graphql, operation, Limits()).of({})
        calls.append(spent.calls)
    assert calls[1] < 2.2 * calls[0]


async def test_comparisons_of_fields_with_one_name_are_limited() -> None:
    spreads = " ".join(f"...F{n}" for n in range(20))
    fragments = " ".join(f"fragment F{n} on Clause {{ parent {{ id title }} }}" for n in range(20))
    query = f"{{ clause {{ {spreads} }} }} {fragments}"
    assert (await Client(endpoint()).post(query)).status_code == 200
    response = await Client(endpoint(Limits(overlaps=1_000))).post(query)
    assert code(response) == "QUERY_TOO_COMPLEX"
    [error] = response.json()["errors"]
    assert error["message"] == (
        "The document needs more than 1,000 comparisons of fields that share a name; 1,000 are "
        "allowed. Select each field in one place."
    )

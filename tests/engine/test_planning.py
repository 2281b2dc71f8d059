"""Plan cache, limits of the caches, and the reasons why an operation is not planned."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.engine import MAX_BOUND, MAX_VARIABLES_BYTES
from qgp.engine.plan_cache import MAX_COMPILED, MAX_OPERATIONS, MAX_PLANS, CachedPlan
from qgp.kit import ids
from qgp.kit.access import Access
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache
from qgp.kit.policy import Principal, Role, SignedIn
from tests.company import Company, Person
from tests.engine.read_paths import ReadPaths, client_of

LISTED = """query ($n: Int, $brief: Boolean = false, $filter: SiteFilter) {
    sites(first: $n, filter: $filter) { nodes { id code @skip(if: $brief) } } }"""


@pytest.fixture
def read_paths(new_read_paths: ReadPaths) -> ReadPaths:
    """Applications with empty caches."""
    return new_read_paths


def principal(role: Role = Role.OWNER, **values: Any) -> Principal:
    return Principal(ids.uuid7(), ids.uuid7(), ids.uuid7(), ids.uuid7(), role, **values)


def operation(
    read_paths: ReadPaths, document: str, **variables: Any
) -> tuple[Operation, VariableValues]:
    """Return a checked operation with its coerced variables."""
    checked = read_paths.planned.schema.checked_operation(document, None, variables)
    assert checked is not None
    definitions = checked[0].node.variable_definitions or ()
    values = get_variable_values(read_paths.planned.schema.graphql, definitions, variables)
    assert isinstance(values, VariableValues)
    return checked[0], values


def planned(
    read_paths: ReadPaths,
    document: str,
    caller: Principal,
    variables: Mapping[str, Any] | None = None,
) -> CachedPlan:
    """Return the plan for a caller."""
    query, values = operation(read_paths, document, **(variables or {}))
    return read_paths.engine.plans.plan_operation(query, values, Access.of(caller))


def reason(read_paths: ReadPaths, document: str, role: Role = Role.OWNER) -> str:
    """Return the reason why there is no plan."""
    cached = planned(read_paths, document, principal(role))
    assert cached.plan is None
    return cached.reason


async def test_callers_of_equal_access_share_a_plan_for_all_arguments(
    read_paths: ReadPaths,
) -> None:
    first = planned(read_paths, LISTED, principal(), {"n": 2})
    filter = {"code": {"eq": "A"}}
    for caller in (principal(), principal(zone="Asia/Tokyo")):
        assert planned(read_paths, LISTED, caller, {"n": 3, "filter": filter}) is first


async def test_boolean_variables_roles_and_limits_to_a_place_have_separate_plans(
    read_paths: ReadPaths,
) -> None:
    site = UUID(int=1)
    plans = [
        planned(read_paths, LISTED, principal()),
        planned(read_paths, LISTED, principal(), {"brief": True}),
        planned(read_paths, LISTED, principal(Role.AUDITOR)),
        planned(read_paths, LISTED, principal(site_id=site)),
        planned(read_paths, LISTED, principal(department_id=site)),
        planned(read_paths, LISTED, principal(site_id=site, department_id=site)),
        planned(read_paths, LISTED.replace("SiteFilter)", "SiteFilter )"), principal()),
    ]
    assert len({id(plan) for plan in plans}) == len(plans)
    assert planned(read_paths, LISTED, principal(site_id=UUID(int=2))) is plans[3]
    assert planned(read_paths, LISTED, principal(), {"brief": False}) is plans[0]


async def test_arguments_of_one_shape_share_a_compiled_query_and_each_shape_has_its_own(
    read_paths: ReadPaths,
) -> None:
    caller = principal()

    def program(**variables: Any) -> object:
        cached = planned(read_paths, LISTED, caller, variables)
        _, values = operation(read_paths, LISTED, **variables)
        return cached.compiled(read_paths.engine.bind_arguments(cached, values, caller))

    first = program(n=2)
    assert program(n=3) is first
    equal = program(filter={"code": {"eq": "A"}})
    assert equal is not first
    assert program(filter={"code": {"eq": "B"}}, n=7) is equal
    assert program(filter={"code": {"in": ["B"]}}) is not equal
    several = program(filter={"code": {"in": ["A", "B"]}})
    assert program(filter={"code": {"in": ["B"]}}) is several


async def test_a_request_is_bound_once_for_equal_access_in_an_organization(
    read_paths: ReadPaths,
) -> None:
    caller, other = principal(), principal()
    query, _ = operation(read_paths, LISTED)

    def ready(who: Principal, **variables: Any) -> object:
        return read_paths.engine.bind(query, variables, SignedIn(who, "1.1"))

    first = ready(caller, n=2)
    assert ready(caller, n=2) is first
    assert ready(caller, n=3) is not first
    assert ready(other, n=2) is not first
    assert ready(caller, n=2, filter={"code": {"eq": "A"}}) is not first
    colleague = replace(caller, user_id=ids.uuid7(), account_id=ids.uuid7(), session_id=ids.uuid7())
    assert ready(colleague, n=2) is first
    assert ready(replace(colleague, role=Role.AUDITOR), n=2) is not first
    assert ready(replace(colleague, site_id=ids.uuid7()), n=2) is not first


def sizes(root: object) -> list[int]:
    """Return the length of every cache below an object."""
    lengths, seen, left = list[int](), set[int](), [root]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, LRUCache):
            lengths.append(len(one))
            left += one._values.values()
        elif hasattr(one, "__dict__") and type(one).__module__.startswith("qgp.engine"):
            left += vars(one).values()
        elif isinstance(one, dict):
            left += one.values()
        elif isinstance(one, tuple | list):
            left += one
    return lengths


async def test_the_plan_cache_is_limited_for_hundreds_of_documents(read_paths: ReadPaths) -> None:
    for n in range(MAX_OPERATIONS + 40):
        planned(read_paths, f"{{ s{n}: sites {{ nodes {{ id }} }} }}", principal())
    assert max(sizes(read_paths.engine.plans)) == MAX_OPERATIONS


async def test_the_cache_of_bound_queries_is_limited_for_thousands_of_requests(
    read_paths: ReadPaths,
) -> None:
    orders = (
        "query ($o: [SiteOrder!], $f: SiteFilter) { sites(orderBy: $o, filter: $f) { totalCount } }"
    )
    query, _ = operation(read_paths, orders)
    caller = SignedIn(principal(), "1.1")
    for n in range(MAX_BOUND + 40):
        shape = n if n < MAX_COMPILED + 4 else 0  # of which each is compiled
        filter = {"or": [{"code": {"eq": str(n)}}] * (shape + 1)}
        read_paths.engine.bind(query, {"f": filter}, caller)
    assert max(sizes(read_paths.engine)) == MAX_BOUND
    assert MAX_COMPILED in sizes(read_paths.engine)


async def test_a_request_with_long_variables_is_not_cached(read_paths: ReadPaths) -> None:
    query, _ = operation(read_paths, "query ($f: SiteFilter) { sites(filter: $f) { totalCount } }")
    caller = SignedIn(principal(), "1.1")
    long = {"f": {"code": {"in": [f"{n:0{MAX_VARIABLES_BYTES // 40}}" for n in range(45)]}}}
    first, second = (read_paths.engine.bind(query, long, caller) for _ in range(2))
    assert first is not second


async def test_the_plan_cache_is_limited_for_hundreds_of_variants_of_a_document(
    read_paths: ReadPaths,
) -> None:
    flags = [f"$f{n}: Boolean!" for n in range(8)]
    document = f"query ({', '.join(flags)}) {{ sites {{ nodes {{ id "
    document += " ".join(f"a{n}: code @include(if: $f{n})" for n in range(8)) + " } } }"
    for number in range(MAX_PLANS + 20):
        values = {f"f{n}": bool(number >> n & 1) for n in range(8)}
        planned(read_paths, document, principal(), values)
    assert max(sizes(read_paths.engine.plans)) == MAX_PLANS


REASONS = {
    "{ viewer { user { name } } }": "Query.viewer",
    "{ standardCatalogue { code } }": "Query.standardCatalogue",
    "{ serverInfo { version } }": "Query.serverInfo",
    "{ users { nodes { availableTransitions { name } } } }": "guards of User",
    "{ sites { nodes { createdBy { availableTransitions { name } } } } }": "guards of User",
    '{ transitionGap(olderId: "std_1", newerId: "std_2") { counts { count } } }': (
        "Query.transitionGap"
    ),
    "{ sites { nodes { id } } viewer { permissions } }": "Query.viewer",
}


@pytest.mark.parametrize(("document", "named"), REASONS.items())
async def test_the_reason_names_the_unplannable_field(
    read_paths: ReadPaths, document: str, named: str
) -> None:
    assert reason(read_paths, document) == named


@pytest.mark.parametrize(
    "document",
    [
        "{ standards { nodes { id } } }",
        '{ standard(by: {code: "x"}) { id } }',
        "{ clauses { totalCount } }",
    ],
)
async def test_the_reason_names_the_missing_permission(
    read_paths: ReadPaths, document: str
) -> None:
    assert planned(read_paths, document, principal()).plan is not None
    assert "standard:read" in reason(read_paths, document, Role.SUPPLIER_CONTACT)


async def test_the_reason_of_a_fallback_is_explained_and_counted(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "variables": ("query ($n: Int!) { sites(first: $n) { totalCount } }", {"n": "two"}),
        "guards of User": ("{ users { nodes { availableTransitions { name } } } }", {}),
        "arguments": ("{ sites(first: 101) { nodes { id } } }", {}),
        "Query.viewer": ("{ viewer { permissions } }", {}),
    }
    async with client_of(read_paths.planned, company_with_data.owner.token) as client:
        for named, (document, variables) in requests.items():
            answer = await client.ask(document, **variables)
            # A request error has no extensions, with a reader or without.
            assert answer.reason == (named if "data" in answer.body else None)
    assert read_paths.engine.counts == dict.fromkeys(requests, 1)


async def test_introspection_is_never_planned(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    document = "{ __schema { queryType { name } } sites(first: 1) { nodes { code } } }"
    await read_paths.same(company_with_data.owner.token, document)
    assert read_paths.planned.schema.checked_operation(document, None, {}) is None
    assert not read_paths.engine.counts


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        ("last: 2", ["099", "100"]),
        ("first: null, last: 2", ["099", "100"]),
        ("first: $n, last: 2", ["099", "100"]),
        ("first: 1", ["000"]),
        ("first: $n", [f"{n:03}" for n in range(25)]),
        ("first: null", [f"{n:03}" for n in range(25)]),
    ],
)
async def test_both_paths_take_the_default_of_first_as_absent(
    company_with_data: Company, read_paths: ReadPaths, arguments: str, codes: list[str]
) -> None:
    variables = "query ($n: Int)" if "$n" in arguments else ""
    document = f"{variables} {{ sites({arguments}) {{ nodes {{ code }} }} }}"
    answer = await read_paths.same(company_with_data.owner.token, document)
    assert answer.reason is None
    assert [site["code"] for site in answer.data["sites"]["nodes"]] == codes


REFUSED: dict[str, str] = {
    "a page that is too long": "{ sites(first: 101) { nodes { id } } }",
    "two directions": "{ sites(first: 1, last: 1) { nodes { id } } }",
    "two directions, one in a variable": "query ($n: Int = 25) { sites(first: $n, last: 1) { "
    "nodes { id } } }",
    "no cursor": '{ sites(after: "x") { nodes { id } } }',
    "an id of another kind": '{ site(by: {id: "usr_01a20b4ca2b67c52accffa3de9f0a3aa"}) { id } }',
    "a null operand": "{ sites(filter: {code: {eq: null}}) { nodes { id } } }",
    "two keys": '{ site(by: {id: "sit_1", code: "A"}) { id } }',
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED)
async def test_the_resolvers_word_every_refusal(
    company_with_data: Company, read_paths: ReadPaths, document: str
) -> None:
    async with (
        client_of(read_paths.resolvers, company_with_data.owner.token) as one,
        client_of(read_paths.planned, company_with_data.owner.token) as other,
    ):
        expected, actual = await one.answer(document), await other.answer(document)
        assert (actual.status_code, actual.content) == (expected.status_code, expected.content)
        assert "errors" in actual.json()


@pytest.fixture
async def contact(company_with_data: Company) -> Person:
    """A user who may read almost nothing."""
    return await company_with_data.hire(Role.SUPPLIER_CONTACT)


async def test_a_missing_permission_is_answered_as_the_resolvers_do(
    contact: Person, read_paths: ReadPaths
) -> None:
    for document in (
        "{ standards { nodes { id } } sites { nodes { code } } }",
        "{ users { nodes { name } totalCount } }",
        "{ sites(first: 2) { nodes { createdBy { name } updatedBy { email } } } }",
    ):
        async with (
            client_of(read_paths.resolvers, contact.token) as one,
            client_of(read_paths.planned, contact.token) as other,
        ):
            assert (await other.answer(document)).content == (await one.answer(document)).content


@pytest.mark.parametrize(
    "root", ["actions", "capas", "findings", "evidenceItems", "clauseAssessments"]
)
async def test_sql_expressions_over_a_row_are_planned(read_paths: ReadPaths, root: str) -> None:
    document = f"{{ {root} {{ nodes {{ isOverdue daysUntilDue }} }} }}"
    assert planned(read_paths, document, principal()).plan is not None

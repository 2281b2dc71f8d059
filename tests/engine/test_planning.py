"""What is planned once and kept, what is planned anew, and why there is no plan at all."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.access import Access
from qgp.engine.engine import MAX_BOUND, MAX_VARIABLES_BYTES
from qgp.engine.plan_cache import MAX_COMPILED, MAX_OPERATIONS, MAX_PLANS, CachedPlan
from qgp.kit import ids
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache
from qgp.kit.policy import Principal, Role, SignedIn
from tests.company import Company, Person
from tests.engine.read_paths import ReadPaths, asking

LISTED = """query ($n: Int, $brief: Boolean = false, $filter: SiteFilter) {
    sites(first: $n, filter: $filter) { nodes { id code @skip(if: $brief) } } }"""


@pytest.fixture
def sides(new_sides: ReadPaths) -> ReadPaths:
    """Applications that remember nothing yet."""
    return new_sides


def principal(role: Role = Role.OWNER, **values: Any) -> Principal:
    return Principal(ids.uuid7(), ids.uuid7(), ids.uuid7(), ids.uuid7(), role, **values)


def operation(
    sides: ReadPaths, document: str, **variables: Any
) -> tuple[Operation, VariableValues]:
    """Return an operation as the endpoint knows it, with its variables."""
    found = sides.planned.schema.checked_query(document, None, variables)
    assert found is not None
    wanted = found[0].node.variable_definitions or ()
    values = get_variable_values(sides.planned.schema.graphql, wanted, variables)
    assert isinstance(values, VariableValues)
    return found[0], values


def planned(
    sides: ReadPaths, document: str, caller: Principal, variables: Mapping[str, Any] | None = None
) -> CachedPlan:
    """Return the plan for a caller."""
    asked, values = operation(sides, document, **(variables or {}))
    return sides.engine.plans.plan_operation(asked, values, Access.of(caller))


def reason(sides: ReadPaths, document: str, role: Role = Role.OWNER) -> str:
    """Return why there is no plan."""
    found = planned(sides, document, principal(role))
    assert found.plan is None
    return found.reason


async def test_people_of_equal_rights_share_a_plan_whatever_they_ask_for(sides: ReadPaths) -> None:
    first = planned(sides, LISTED, principal(), {"n": 2})
    filter = {"code": {"eq": "A"}}
    for caller in (principal(), principal(zone="Asia/Tokyo")):
        assert planned(sides, LISTED, caller, {"n": 3, "filter": filter}) is first


async def test_boolean_variables_roles_and_limits_to_a_place_have_plans_of_their_own(
    sides: ReadPaths,
) -> None:
    site = UUID(int=1)
    plans = [
        planned(sides, LISTED, principal()),
        planned(sides, LISTED, principal(), {"brief": True}),
        planned(sides, LISTED, principal(Role.AUDITOR)),
        planned(sides, LISTED, principal(site_id=site)),
        planned(sides, LISTED, principal(department_id=site)),
        planned(sides, LISTED, principal(site_id=site, department_id=site)),
        planned(sides, LISTED.replace("SiteFilter)", "SiteFilter )"), principal()),
    ]
    assert len({id(plan) for plan in plans}) == len(plans)
    assert planned(sides, LISTED, principal(site_id=UUID(int=2))) is plans[3]
    assert planned(sides, LISTED, principal(), {"brief": False}) is plans[0]


async def test_the_values_of_arguments_share_a_program_and_their_shapes_have_one_each(
    sides: ReadPaths,
) -> None:
    caller = principal()

    def program(**variables: Any) -> object:
        found = planned(sides, LISTED, caller, variables)
        _, values = operation(sides, LISTED, **variables)
        return found.compiled(sides.engine.bind_arguments(found, values, caller))

    first = program(n=2)
    assert program(n=3) is first
    equal = program(filter={"code": {"eq": "A"}})
    assert equal is not first
    assert program(filter={"code": {"eq": "B"}}, n=7) is equal
    assert program(filter={"code": {"in": ["B"]}}) is not equal
    several = program(filter={"code": {"in": ["A", "B"]}})
    assert program(filter={"code": {"in": ["B"]}}) is several


async def test_a_request_is_made_ready_once_for_equal_rights_in_an_organization(
    sides: ReadPaths,
) -> None:
    caller, other = principal(), principal()
    asked, _ = operation(sides, LISTED)

    def ready(who: Principal, **variables: Any) -> object:
        return sides.engine.bind(asked, variables, SignedIn(who, "1.1"))

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
    """Return the length of every memory below an object."""
    found, seen, left = list[int](), set[int](), [root]
    while left:
        one = left.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, LRUCache):
            found.append(len(one))
            left += one._values.values()
        elif hasattr(one, "__dict__") and type(one).__module__.startswith("qgp.engine"):
            left += vars(one).values()
        elif isinstance(one, dict):
            left += one.values()
        elif isinstance(one, tuple | list):
            left += one
    return found


async def test_hundreds_of_documents_keep_to_what_is_remembered(sides: ReadPaths) -> None:
    for n in range(MAX_OPERATIONS + 40):
        planned(sides, f"{{ s{n}: sites {{ nodes {{ id }} }} }}", principal())
    assert max(sizes(sides.engine.plans)) == MAX_OPERATIONS


async def test_thousands_of_requests_keep_to_what_is_remembered(sides: ReadPaths) -> None:
    orders = (
        "query ($o: [SiteOrder!], $f: SiteFilter) { sites(orderBy: $o, filter: $f) { totalCount } }"
    )
    asked, _ = operation(sides, orders)
    caller = SignedIn(principal(), "1.1")
    for n in range(MAX_BOUND + 40):
        shape = n if n < MAX_COMPILED + 4 else 0  # of which each is compiled
        filter = {"or": [{"code": {"eq": str(n)}}] * (shape + 1)}
        sides.engine.bind(asked, {"f": filter}, caller)
    assert max(sizes(sides.engine)) == MAX_BOUND
    assert MAX_COMPILED in sizes(sides.engine)


async def test_a_request_of_long_variables_is_not_remembered(sides: ReadPaths) -> None:
    asked, _ = operation(sides, "query ($f: SiteFilter) { sites(filter: $f) { totalCount } }")
    caller = SignedIn(principal(), "1.1")
    long = {"f": {"code": {"in": [f"{n:0{MAX_VARIABLES_BYTES // 40}}" for n in range(45)]}}}
    first, second = (sides.engine.bind(asked, long, caller) for _ in range(2))
    assert first is not second


async def test_what_is_asked_in_hundreds_of_ways_keeps_to_what_is_remembered(
    sides: ReadPaths,
) -> None:
    flags = [f"$f{n}: Boolean!" for n in range(8)]
    document = f"query ({', '.join(flags)}) {{ sites {{ nodes {{ id "
    document += " ".join(f"a{n}: code @include(if: $f{n})" for n in range(8)) + " } } }"
    for number in range(MAX_PLANS + 20):
        values = {f"f{n}": bool(number >> n & 1) for n in range(8)}
        planned(sides, document, principal(), values)
    assert max(sizes(sides.engine.plans)) == MAX_PLANS


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
async def test_what_only_python_knows_is_named(sides: ReadPaths, document: str, named: str) -> None:
    assert reason(sides, document) == named


@pytest.mark.parametrize(
    "document",
    [
        "{ standards { nodes { id } } }",
        '{ standard(by: {code: "x"}) { id } }',
        "{ clauses { totalCount } }",
    ],
)
async def test_a_right_that_the_caller_lacks_is_named(sides: ReadPaths, document: str) -> None:
    assert planned(sides, document, principal()).plan is not None
    assert "standard:read" in reason(sides, document, Role.SUPPLIER_CONTACT)


async def test_why_the_reference_answered_is_told_and_counted(
    library: Company, sides: ReadPaths
) -> None:
    asked: dict[str, tuple[str, dict[str, Any]]] = {
        "variables": ("query ($n: Int!) { sites(first: $n) { totalCount } }", {"n": "two"}),
        "guards of User": ("{ users { nodes { availableTransitions { name } } } }", {}),
        "arguments": ("{ sites(first: 101) { nodes { id } } }", {}),
        "Query.viewer": ("{ viewer { permissions } }", {}),
    }
    async with asking(sides.planned, library.owner.token) as asker:
        for named, (document, variables) in asked.items():
            told = await asker.ask(document, **variables)
            # A request error has no extensions, with a reader or without.
            assert told.reason == (named if "data" in told.body else None)
    assert sides.engine.counts == dict.fromkeys(asked, 1)


async def test_introspection_is_never_planned(library: Company, sides: ReadPaths) -> None:
    document = "{ __schema { queryType { name } } sites(first: 1) { nodes { code } } }"
    await sides.same(library.owner.token, document)
    assert sides.planned.schema.checked_query(document, None, {}) is None
    assert not sides.engine.counts


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
async def test_both_interpreters_take_the_default_of_first_as_not_given(
    library: Company, sides: ReadPaths, arguments: str, codes: list[str]
) -> None:
    variables = "query ($n: Int)" if "$n" in arguments else ""
    document = f"{variables} {{ sites({arguments}) {{ nodes {{ code }} }} }}"
    answer = await sides.same(library.owner.token, document)
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
async def test_what_is_refused_is_worded_by_the_reference(
    library: Company, sides: ReadPaths, document: str
) -> None:
    async with (
        asking(sides.reference, library.owner.token) as one,
        asking(sides.planned, library.owner.token) as other,
    ):
        expected, found = await one.answer(document), await other.answer(document)
        assert (found.status_code, found.content) == (expected.status_code, expected.content)
        assert "errors" in found.json()


@pytest.fixture
async def contact(library: Company) -> Person:
    """Somebody who may read next to nothing."""
    return await library.hire(Role.SUPPLIER_CONTACT)


async def test_who_lacks_a_right_is_told_what_the_reference_tells(
    contact: Person, sides: ReadPaths
) -> None:
    for document in (
        "{ standards { nodes { id } } sites { nodes { code } } }",
        "{ users { nodes { name } totalCount } }",
        "{ sites(first: 2) { nodes { createdBy { name } updatedBy { email } } } }",
    ):
        async with (
            asking(sides.reference, contact.token) as one,
            asking(sides.planned, contact.token) as other,
        ):
            assert (await other.answer(document)).content == (await one.answer(document)).content


@pytest.mark.parametrize(
    "root", ["actions", "capas", "findings", "evidenceItems", "clauseAssessments"]
)
async def test_what_sql_makes_of_a_row_is_planned(sides: ReadPaths, root: str) -> None:
    document = f"{{ {root} {{ nodes {{ isOverdue daysUntilDue }} }} }}"
    assert planned(sides, document, principal()).plan is not None

"""JSON written by PostgreSQL, byte for byte as the resolver path writes it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.constants import to_json
from qgp.engine.executor.execution import Execution
from qgp.engine.plan import Constant, Items, Object, Page, ToMany, ToOne
from qgp.engine.plan_cache import CachedPlan
from qgp.kit.access import Access
from qgp.kit.policy import Principal, Role
from qgp.standards.model import Standard
from qgp.standards.model.terms import StandardKind, StandardOrigin, StandardStatus
from tests import factories
from tests.company import Company
from tests.engine.conftest import Apart
from tests.engine.read_paths import ReadPaths, client_of
from tests.kit.work import work_of

TEXTS = {
    "quotes": "Say \"yes\" or 'no' ''",
    "backslashes": "back\\slash \\n \\u0041 \\\\",
    "lines": "one\ntwo\r\nthree\r",
    "tabs": "a\tb",
    "other control characters": "\x01\x07\x08\x0b\x0c\x0e\x1f\x7f\x80\x9f",
    "emoji": "\U0001f9ea \U0001f469\u200d\U0001f52c",
    "line separators": "\u2028 and \u2029",
    "percent signs": "100 % of %s %b %(x)s %%",
    "combining marks": "e\u0301 \u00e9 \u1e9b\u0323",
    "markup": "<b>&amp;</b></script>",
    "slashes": "a/b //",
    "dollars and colons": "$1 :name ${x} ::text",
    "nothing": "",
    "blanks": "  \u00a0 ",
    "edges of Unicode": "\ufeff\ufffd\uffff\U0010ffff",
    "null in words": "null",
}
INSTANTS = (
    datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    datetime(2026, 3, 1, 9, 30, 0, 120_000, tzinfo=UTC),
    datetime(2026, 3, 1, 9, 30, 59, 123_000, tzinfo=UTC),
    datetime(2026, 3, 1, 9, 30, 59, 123_456, tzinfo=UTC),
    datetime(2026, 3, 1, 9, 30, 10, 1, tzinfo=UTC),
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(1900, 1, 1, 0, 0, 1, tzinfo=UTC),
    datetime(2200, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
)
DATES = (date(2026, 2, 28), date(1900, 1, 1), date(2200, 12, 31))
BOUNDS = (0, -1, 2**31 - 1, -(2**31))


@pytest.fixture
async def standard(company: Company) -> UUID:
    """A standard without clauses."""
    facts = {"kind": StandardKind.SCHEME, "origin": StandardOrigin.OWN}
    async with work_of(company) as work:
        row = await work.add(
            Standard(
                family_code="T", edition="1", title="Texts", status=StandardStatus.ACTIVE, **facts
            )
        )
    return row.id


async def clauses(company: Company, standard: UUID, *values: dict[str, Any]) -> None:
    """Add clauses whose facts differ, in order."""
    async with work_of(company) as work:
        rows = [
            factories.clause(
                standard, **{"number": f"{n:02}", "sort_key": f"{n:02}", "title": "T", **facts}
            )
            for n, facts in enumerate(values)
        ]
        await work.add(*rows)


async def shown(
    company: Company, read_paths: ReadPaths, fields: str, *, cursors: bool = False
) -> list[Any]:
    """Return the clauses as planned in one text, by row and by level, which must be equal.

    Args:
        cursors: whether each edge has its cursor, which SQL cannot write.
    """
    inner = f"edges {{ cursor node {{ {fields} }} }}" if cursors else f"nodes {{ {fields} }}"
    documents = (
        f"{{ clauses {{ {inner} }} }}",
        f"{{ standards(first: 10) {{ nodes {{ clauses(first: 50) {{ {inner} }} }} }} }}",
        f"{{ standards(first: 1) {{ nodes {{ clauses(first: 50) {{ {inner} }} }} }} }}",
    )
    pages = []
    for document in documents:
        answer = await read_paths.same(company.owner.token, document)
        assert answer.reason is None
        page = answer.data.get("clauses") or answer.data["standards"]["nodes"][0]["clauses"]
        pages.append([edge["node"] for edge in page["edges"]] if cursors else page["nodes"])
    assert pages[0] == pages[1] == pages[2]
    return pages[0]


@pytest.mark.parametrize("cursors", [False, True])
async def test_texts_of_every_kind(
    company: Company, read_paths: ReadPaths, standard: UUID, cursors: bool
) -> None:
    values = [{"title": text, "summary": text} for text in TEXTS.values()]
    await clauses(company, standard, *values, {"summary": None})
    rows = await shown(company, read_paths, "title summary", cursors=cursors)
    assert rows == [*values, {"title": "T", "summary": None}]


async def test_bytes_are_those_of_orjson(
    company: Company, read_paths: ReadPaths, standard: UUID
) -> None:
    await clauses(company, standard, *[{"title": text} for text in TEXTS.values()])
    async with client_of(read_paths.planned, company.owner.token) as client:
        content = (await client.answer("{ clauses { nodes { title } } }")).content
    nodes = [{"title": text} for text in TEXTS.values()]
    expected = {"data": {"clauses": {"nodes": nodes}}, "extensions": {"cost": 27}}
    assert content == orjson.dumps(expected)


async def test_instants_with_and_without_fractions_of_a_second(
    company: Company, read_paths: ReadPaths, standard: UUID
) -> None:
    await clauses(company, standard, *[{"withdrawn_at": at} for at in INSTANTS], {})
    rows = await shown(company, read_paths, "withdrawnAt")
    assert [row["withdrawnAt"] for row in rows][:6] == [
        "2026-03-01T09:30:00Z",
        "2026-03-01T09:30:00.12Z",
        "2026-03-01T09:30:59.123Z",
        "2026-03-01T09:30:59.123456Z",
        "2026-03-01T09:30:10.000001Z",
        "1970-01-01T00:00:00Z",
    ]
    assert rows[-1] == {"withdrawnAt": None}


async def test_instants_are_written_in_utc_whatever_the_time_zone_of_the_connection(
    company: Company, apart: Apart, standard: UUID
) -> None:
    read_paths = ReadPaths(apart(planned_reads=False), apart(planned_connections=1))
    at = datetime(2026, 7, 1, 12, tzinfo=UTC)
    await clauses(company, standard, {"withdrawn_at": at})
    async with read_paths.engine.read_connections.acquire(company.organization_id) as connection:
        await connection.fetch("SET timezone = 'Asia/Tokyo'", [])
    rows = await shown(company, read_paths, "withdrawnAt")
    assert rows == [{"withdrawnAt": "2026-07-01T12:00:00Z"}]
    async with read_paths.engine.read_connections.acquire(company.organization_id) as connection:
        assert (await connection.fetch("SHOW timezone", []))[0][0] == "Asia/Tokyo"


async def test_booleans_lists_and_integers_at_their_bounds(
    company: Company, read_paths: ReadPaths, standard: UUID
) -> None:
    lists: tuple[list[str], ...] = ([], ["PREVENTIVE"], ["PREVENTIVE", "DETECTIVE"])
    values = [
        {"depth": depth, "is_requirement": depth > 0, "control_types": lists[n % 3]}
        for n, depth in enumerate(BOUNDS)
    ]
    await clauses(company, standard, *values)
    rows = await shown(
        company, read_paths, "depth isRequirement controlTypes theme viewerCanAssess"
    )
    names = {"depth": "depth", "is_requirement": "isRequirement", "control_types": "controlTypes"}
    rest = {"theme": None, "viewerCanAssess": True}
    assert rows == [{names[k]: v for k, v in one.items()} | rest for one in values]


async def test_dates(company: Company, read_paths: ReadPaths) -> None:
    kinds: dict[str, Any] = {"kind": StandardKind.SCHEME, "origin": StandardOrigin.OWN}
    async with work_of(company) as work:
        for n, day in enumerate([*DATES, None]):
            facts = {"title": "D", "status": StandardStatus.ACTIVE, "published_on": day}
            await work.add(Standard(family_code="D", edition=str(n), **facts, **kinds))
    document = "{ standards { nodes { publishedOn sourceUrl } } }"
    answer = await read_paths.same(company.owner.token, document)
    assert [row["publishedOn"] for row in answer.data["standards"]["nodes"]] == [
        "2026-02-28",
        "1900-01-01",
        "2200-12-31",
        None,
    ]


async def test_response_names_are_in_the_order_of_their_first_selection(
    company: Company, read_paths: ReadPaths, standard: UUID
) -> None:
    await clauses(company, standard, {})
    document = """{ clauses { b: __typename ...First nodes { z: number ...Second a: title depth
        standard { title ...Third code } } totalCount } }
        fragment First on ClauseConnection { totalCount pageInfo { hasNextPage } }
        fragment Second on Clause { depth z: number standard { id } y: number }
        fragment Third on Standard { code edition title }"""
    answer = await read_paths.same(company.owner.token, document)
    assert answer.reason is None
    page = answer.data["clauses"]
    assert list(page) == ["b", "totalCount", "pageInfo", "nodes"]
    assert list(page["nodes"][0]) == ["z", "depth", "standard", "y", "a"]
    assert list(page["nodes"][0]["standard"]) == ["id", "title", "code", "edition"]


async def test_two_hundred_fields_of_a_row_are_one_object(
    company: Company, read_paths: ReadPaths, standard: UUID
) -> None:
    await clauses(company, standard, {"title": "x"})
    plain = "number title summary text depth isRequirement withdrawnAt createdAt version"
    below = f"standard {{ clauses(first: 1) {{ nodes {{ {plain} standard {{ title }} }} }} }}"
    aliases = " ".join(f"a{n}: title" for n in range(25))
    answer = await read_paths.same(
        company.owner.token, f"{{ clauses {{ nodes {{ {plain} {aliases} {below} }} }} }}"
    )
    assert answer.reason is None
    assert answer.data["clauses"]["nodes"][0]["a24"] == "x"


async def test_transitions_are_written_as_the_resolvers_do(
    company_with_data: Company, read_paths: ReadPaths
) -> None:
    auditor = await company_with_data.hire(Role.AUDITOR)
    fields = "availableTransitions { name to isAllowed blockers { __typename code message } }"
    for inner in (f"nodes {{ {fields} }}", f"edges {{ cursor node {{ {fields} }} }}"):
        answer = await read_paths.same(auditor.token, f"{{ standards {{ {inner} }} }}")
        assert answer.reason is None
        assert " may not call standardActivate." in str(answer.data)


SIGNS = '100 % of %s, %b and %%: it\'s "quoted" \\ :name $1'


def signed(node: Any) -> Any:
    """Add a constant with special characters of templates and SQL to every object of a plan."""
    if isinstance(node, Object):
        fields = tuple((name, signed(part)) for name, part in node.fields)
        return Object((("signs", Constant(to_json(SIGNS))), *fields))
    if isinstance(node, Items | ToOne | ToMany):
        return replace(node, object=signed(node.object))
    if isinstance(node, Page):
        return replace(node, fields=tuple((name, signed(part)) for name, part in node.fields))
    return node


@pytest.mark.parametrize("size", [2, 60])
async def test_signs_in_constants_survive_templates_and_sql(
    company_with_data: Company, read_paths: ReadPaths, size: int
) -> None:
    document = """query ($n: Int!) { clauses(first: $n) { edges { cursor node { number
        standard { code } mappings { strength } children(first: 8) { nodes { number } } } } } }"""
    checked = read_paths.planned.schema.checked_operation(document, None, {"n": size})
    assert checked is not None
    values = get_variable_values(
        read_paths.planned.schema.graphql, checked[0].node.variable_definitions or (), {"n": size}
    )
    assert isinstance(values, VariableValues)
    caller = Principal(
        company_with_data.owner.user_id,
        UUID(int=0),
        company_with_data.organization_id,
        UUID(int=0),
        Role.OWNER,
    )
    planned = read_paths.engine.plans.plan_operation(checked[0], values, Access.of(caller))
    assert planned.plan is not None
    ((name, root),) = planned.plan.roots
    plan = replace(planned.plan, roots=((name, signed(root)),))
    bound = read_paths.engine.bind_arguments(planned, values, caller)
    program = CachedPlan(planned.access, None, plan).compiled(bound)
    async with read_paths.engine.read_connections.acquire(
        company_with_data.organization_id
    ) as connection:
        connection_json = orjson.loads(
            await program.roots[name].load(Execution(connection, caller, bound))
        )
    edges = connection_json["edges"]
    assert len(edges) == size
    constants = [edge["signs"] for edge in edges] + [edge["node"]["signs"] for edge in edges]
    constants += [edge["node"]["standard"]["signs"] for edge in edges]
    below = [edge["node"][name] for edge in edges for name in ("mappings",)]
    constants += [row["signs"] for rows in below for row in rows]
    constants += [row["signs"] for edge in edges for row in edge["node"]["children"]["nodes"]]
    assert set(constants) == {SIGNS}
    assert len(constants) > 3 * size

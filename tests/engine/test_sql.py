"""The SQL of golden queries: within one organization, and by index where tables are large."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from qgp.settings import Settings
from tests.company import Company, Hiring
from tests.engine.read_paths import PathClient, client_of
from tests.environment import application_of, clone

LARGE = {"clauses", "clause_assessments", "clause_mappings"}
GOLDEN = {
    "a clause with its relations": """query ($clause: ID!) { clause(by: {id: $clause}) { number
        standard { code } parent { number } assessment { conformity owner { name } }
        children { totalCount nodes { number assessment { conformity } } } } }""",
    "any record": "query ($clause: ID!) { node(id: $clause) { id ... on Clause { number } } }",
    "a standard by its code": """{ standard(by: {code: "L3:1"}) { title
        clauses(first: 50) { nodes { number } pageInfo { endCursor } } } }""",
    "standards with their clauses, in one": """{ standards(first: 3) { nodes { code
        clauses(first: 9) { nodes { number title
            children(first: 3) { nodes { number } } } } } } }""",
    "standards with their clauses, by level": """{ standards(first: 10) { nodes { code
        clauses(first: 50) { nodes { number title assessments(first: 2) { nodes {
            conformity owner { name } } } } } } } }""",
    "a flat page": "{ clauses(first: 100) { nodes { id number title standard { code } } } }",
    "a page by title": """{ clauses(first: 25, orderBy: [{field: TITLE, direction: DESC}]) {
        nodes { number title } pageInfo { endCursor } } }""",
    "the end of a flat page": "{ clauses(last: 100) { nodes { id number } } }",
    "a tree": """{ clauses(first: 50) { nodes { number ancestors { number }
        mappings { strength toClause { number } } } } }""",
    "assessments as they stand": """{ clauseAssessments(first: 50, filter: {
        conformity: {eq: MINOR_GAP}, implementation: {eq: PARTIAL}}) { totalCount
        nodes { conformity assessedAt clause { number standard { code } } } } }""",
    "clauses with the one above": """{ clauses(first: 25) { nodes { number
        parent { number title } updatedBy { name } } } }""",
    "assessments with their clauses": """{ clauseAssessments(first: 25) { nodes { justification
        clause { title } owner { name } } } }""",
    "assessments, the latest first": """{ clauseAssessments(first: 50,
        orderBy: [{field: ASSESSED_AT, direction: DESC}]) { nodes { assessedAt } } }""",
    "mappings of a clause": """query ($clause: ID!) { clauseMappings(first: 50, filter: {
        or: [{fromClauseId: {eq: $clause}}, {toClauseId: {eq: $clause}}]}) { totalCount
        nodes { strength fromClause { number } toClause { number } } } }""",
}


@pytest.fixture(scope="module")
async def grown(settings: Settings, server_url: sa.URL, worker_id: str) -> AsyncIterator[Company]:
    """A company in a database of its own, where it and another one have grown."""
    url = await clone(server_url, f"grown_{worker_id}")
    address = SecretStr(url.render_as_string(hide_password=False))
    changed = settings.model_copy(update={"database_url": address})
    application = application_of(changed)
    companies = [await Hiring(application).company() for _ in range(2)]
    sql = (Path(__file__).parent / "large.sql").read_text()
    async with application.engine.begin() as connection:
        for company in companies:
            filled = sql.replace(":organization", f"'{company.organization_id}'::uuid")
            raw = await connection.get_raw_connection()
            assert raw.driver_connection is not None
            await raw.driver_connection.execute(filled)
    async with application.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(sa.text("ANALYZE"))
    yield companies[0]
    await application.close()


@pytest.fixture
async def reader(grown: Company) -> AsyncIterator[PathClient]:
    async with client_of(grown.application, grown.owner.token) as client:
        yield client


async def compiled(reader: PathClient, document: str) -> list[str]:
    """Return the statements of a golden query, which must be planned."""
    clauses = await reader.ask(
        '{ clauses(first: 1, filter: {number: {eq: "5"}}) { nodes { id } } }'
    )
    variables = (
        {"clause": clauses.data["clauses"]["nodes"][0]["id"]} if "$clause" in document else {}
    )
    answer = await reader.ask(document, **variables)
    assert answer.reason is None
    assert answer.sql
    return list(answer.sql)


def walked(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield all nodes of an execution plan."""
    yield plan
    for below in plan.get("Plans", ()):
        yield from walked(below)


async def explained(company: Company, statement: str) -> list[dict[str, Any]]:
    """Return the nodes of PostgreSQL's execution plan of a statement."""
    assert company.application.read_engine is not None
    async with company.application.read_engine.read_connections.acquire(
        company.organization_id
    ) as connection:
        await connection.fetch(f"PREPARE golden AS {statement}", [])
        numbers = {int(number) for number in re.findall(r"\$(\d+)", statement)}
        nulls = f"({', '.join(['NULL'] * len(numbers))})" if numbers else ""
        rows = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE golden{nulls}", [])
        await connection.fetch("DEALLOCATE golden", [])
    return list(walked(rows[0][0][0]["Plan"]))


@pytest.mark.parametrize("name", GOLDEN)
async def test_large_tables_are_read_by_an_index_that_begins_with_the_organization(
    grown: Company, reader: PathClient, name: str
) -> None:
    seen = set()
    for statement in await compiled(reader, GOLDEN[name]):
        for node in await explained(grown, statement):
            table = node.get("Relation Name")
            assert not (node["Node Type"] == "Seq Scan" and table in LARGE), statement
            if "Index Name" in node:
                assert "organization_id" in node.get("Index Cond", ""), (node, statement)
                seen.add(node["Index Name"])
    assert seen


async def test_a_sequential_scan_would_be_detected(grown: Company) -> None:
    whole = "SELECT count(*) FROM clauses WHERE title LIKE '%x%'"
    nodes = await explained(grown, whole)
    assert ("Seq Scan", "clauses") in {(n["Node Type"], n.get("Relation Name")) for n in nodes}


TABLES = re.compile(r"(?:FROM|JOIN|,)\s+(\w+)(?: AS (\w+))?(?=[\s,)]|$)")
OWNED = {
    "log_ins", "users", "organizations", "sites", "departments", "standards", "clauses",
    "clause_assessments", "clause_mappings",
}  # fmt: skip


@pytest.mark.parametrize("name", GOLDEN)
async def test_every_table_of_an_organization_is_limited_to_it_by_a_parameter(
    reader: PathClient, name: str
) -> None:
    for statement in await compiled(reader, GOLDEN[name]):
        named = [(table, alias or table) for table, alias in TABLES.findall(statement)]
        owned = [alias for table, alias in named if table in OWNED]
        assert owned, statement
        for alias in owned:
            limited = rf"\b{alias}\.organization_id = (\$\d+::UUID|log_ins\.organization_id"
            limited += r"|users\.organization_id)"
            assert re.search(limited, statement), (alias, statement)

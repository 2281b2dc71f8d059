"""The register is filtered, ordered and paged, and its reads cost the same for any size."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.findings.model import Finding, FindingClause, FindingSource
from qgp.kit import ids
from tests import factories
from tests.company import Client, Company, texts
from tests.evidence import unchanged
from tests.findings.finding_commands import FindingCommands, at, done, read
from tests.kit.work import work_of
from tests.standards.standard_commands import errors_of

ASKED = """query ($filter: FindingFilter, $orderBy: [FindingOrder!]) {
    findings(filter: $filter, orderBy: $orderBy) { totalCount nodes { title } } }"""
DAY = date(2026, 1, 31)


PRIMARY = {"isPrimary": {"eq": True}}


async def found(api: Client, filter: Any, *order: tuple[str, str]) -> list[str]:
    """Return the titles of what a filter leaves."""
    order_by = [{"field": field, "direction": direction} for field, direction in order]
    data = (await api.ask(ASKED, filter=filter, orderBy=order_by))["findings"]
    assert data["totalCount"] == len(data["nodes"])
    return texts(data["nodes"], "title")


@pytest.fixture
async def three_findings(finding_commands: FindingCommands) -> FindingCommands:
    """Three findings that differ in everything."""
    ids, clauses = finding_commands.ids, finding_commands.clauses
    where = {"siteId": ids["site"], "departmentId": ids["department"]}
    why = {"causeCategoryId": ids["cause"], "severity": 4, "isSystemic": True}
    first = await finding_commands.write(
        title="a", grade="MAJOR", detectedOn="2026-01-01", **where, **why
    )
    await finding_commands.walk(
        "findingOpen",
        title="b",
        grade="MINOR",
        detectedOn="2026-02-01",
        repeatOfId=first["id"],
        clauseIds=[clauses["3"]],
        disposition="SCRAP",
    )
    await finding_commands.write(
        title="c",
        grade="OFI",
        sourceType="KPI",
        detectedOn="2026-03-01",
        ownerId=None,
        primaryClauseId=clauses["2"],
    )
    return finding_commands


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        ({"grade": {"in": ["MINOR", "OFI"]}}, "bc"),
        ({"reference": {"startsWith": "NC-"}}, "ab"),
        ({"sourceType": {"eq": "KPI"}}, "c"),
        ({"status": {"eq": "OPEN"}}, "b"),
        ({"severity": {"gte": 4}}, "a"),
        ({"disposition": {"eq": "SCRAP"}}, "b"),
        ({"isSystemic": {"eq": True}}, "a"),
        ({"detectedOn": {"gte": "2026-02-01"}}, "bc"),
        ({"openedOn": {"isNull": True}}, "ac"),
        ({"closureDueOn": {"lt": "2100-01-01"}, "status": {"in": ["OPEN"]}}, "b"),
        ({"siteId": {"isNull": False}}, "a"),
        ({"site": {"code": {"eq": "HQ"}}}, "a"),
        ({"department": {"code": {"eq": "QA"}}}, "a"),
        ({"ownerId": {"isNull": True}}, "c"),
        ({"causeCategory": {"code": {"eq": "METHOD"}}}, "a"),
        ({"repeatOfId": {"isNull": False}}, "b"),
        ({"clauses": {"some": PRIMARY | {"clause": {"number": {"eq": "1"}}}}}, "ab"),
        ({"clauses": {"some": PRIMARY | {"clause": {"number": {"eq": "3"}}}}}, ""),
        ({"clauses": {"some": {"clause": {"number": {"in": ["2", "3"]}}}}}, "bc"),
        ({"clauses": {"none": {"isPrimary": {"eq": False}}}}, "ac"),
    ],
)
async def test_findings_are_filtered(
    api: Client, three_findings: FindingCommands, filter: Any, expected: str
) -> None:
    assert await found(api, filter) == [*expected]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([], "abc"),
        ([("DETECTED_ON", "DESC")], "cba"),
        ([("GRADE", "ASC"), ("TITLE", "ASC")], "abc"),
        ([("SEVERITY", "ASC"), ("TITLE", "DESC")], "acb"),
        ([("CLOSURE_DUE_ON", "ASC"), ("REFERENCE", "ASC")], "bac"),
    ],
)
async def test_findings_are_ordered(
    api: Client, three_findings: FindingCommands, order: list[tuple[str, str]], expected: str
) -> None:
    assert await found(api, None, *order) == [*expected]


async def test_links_are_found_from_the_clause(
    api: Client, three_findings: FindingCommands
) -> None:
    document = """query ($filter: FindingClauseFilter) { findingClauses(filter: $filter) {
        totalCount nodes { isPrimary finding { title } clause { number } } } }"""
    filter = {
        "clauseId": {"eq": three_findings.clauses["1"]},
        "finding": {"grade": {"eq": "MINOR"}},
    }
    rows = (await api.ask(document, filter=filter))["findingClauses"]
    own_values = {"isPrimary": True, "finding": {"title": "b"}, "clause": {"number": "1"}}
    assert rows == {"totalCount": 1, "nodes": [own_values]}


async def similar(api: Client, finding: Any) -> list[str]:
    row = await read(api, finding, "similar { title }")
    return texts(row["similar"], "title")


async def test_what_is_similar_shares_clause_site_and_cause(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    other = await done(
        api, "causeCategoryCreate", "causeCategory { id }", code="OTHER", name="Other"
    )
    site = {"siteId": finding_commands.ids["site"]}
    cause = {"causeCategoryId": finding_commands.ids["cause"]}
    others: dict[str, dict[str, Any]] = {
        "same": {**site, **cause},
        "before": {**site, **cause, "detectedOn": "2024-01-31"},
        "long before": {**site, **cause, "detectedOn": "2024-01-30"},
        "other clause": {**site, **cause, "primaryClauseId": finding_commands.clauses["2"]},
        "further clause": {**site, **cause, "primaryClauseId": finding_commands.clauses["2"],
                           "clauseIds": [finding_commands.clauses["1"]]},
        "other site": cause,
        "other cause": {**site, "causeCategoryId": other["causeCategory"]["id"]},
        "no cause": site,
    }  # fmt: skip
    for title, facts in others.items():
        await finding_commands.write(**{"title": title, "detectedOn": "2026-01-30", **facts})
    void = await finding_commands.write(title="void", detectedOn=str(DAY), **site, **cause)
    await finding_commands.step(void, "findingVoid")
    own_record = await finding_commands.write(title="own", detectedOn=str(DAY), **site, **cause)
    assert await similar(api, own_record) == ["same", "before"]
    fresh = await finding_commands.write(title="fresh", detectedOn=str(DAY), **site)
    assert await similar(api, fresh) == ["own", "no cause", "other cause", "same", "before"]
    nowhere = await finding_commands.write(title="nowhere", detectedOn=str(DAY), **cause)
    assert await similar(api, nowhere) == ["other site"]
    bare = await finding_commands.write(title="bare", grade="OFI", primaryClauseId=None)
    assert await similar(api, bare) == []


async def test_an_employee_finds_nothing_similar_that_is_hidden(
    company: Company, finding_commands: FindingCommands, employee: Any
) -> None:
    await finding_commands.write(title="hidden", ownerId=company.owner.id)
    await finding_commands.write(title="mine")
    own_record = await finding_commands.write(title="own")
    async with employee.signed_in() as api:
        assert await similar(api, own_record) == ["mine"]


async def fill(company: Company, finding_commands: FindingCommands, count: int) -> None:
    """Write findings of one clause, site and cause, each with three clauses."""
    keys = {name: ids.split(id)[1] for name, id in finding_commands.ids.items()}
    clauses = [ids.split(id)[1] for id in finding_commands.clauses.values()]
    async with work_of(company) as work:
        rows = [
            factories.finding(
                source_type=FindingSource.AUDIT,
                title=f"{number:03}",
                detected_on=DAY + timedelta(number),
                site_id=keys["site"],
                department_id=keys["department"],
                owner_id=keys["owner"],
                cause_category_id=keys["cause"],
            )
            for number in range(count)
        ]
        await work.add(*rows)
        await work.add(
            *[
                FindingClause(finding_id=row.id, clause_id=clause, is_primary=n == 0)
                for row in rows
                for n, clause in enumerate(clauses)
            ]
        )


SHAPES = {
    "register": """{ findings(first: %d) { totalCount nodes { reference grade status closureDueOn
        owner { name } site { code } department { code } primaryClause { clause { number } }
        causeCategory { code parent { code } } viewerCanUpdate } } }""",
    "nested": """{ findings(first: %d) { nodes { title clauses { isPrimary clause { number
        standard { code } } } similar { title site { code } primaryClause { id } } } } }""",
    "steps": """{ findings(first: %d) { nodes { availableTransitions { name isAllowed
        blockers { code } } } } }""",
    "causes": """{ causeCategories { nodes { code findings(first: %d) { totalCount
        nodes { title owner { name } } } children(first: 5) { nodes { code } } } } }""",
    "links": "{ findingClauses(first: %d) { nodes { finding { title } clause { number } } } }",
}


async def test_statements_do_not_grow_with_the_rows(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    await fill(company, finding_commands, 60)
    await api.ask("{ viewer { user { id } } }")  # the first request looks the sign-in up
    for name, shape in SHAPES.items():
        counts = []
        for size in (2, 40, 60):
            await api.ask(shape % size)
            counts.append(len(api.statements))
        few, many, most = counts
        assert few <= many == most <= 8, (name, counts)


async def test_of_the_similar_ones_come_the_twenty_newest(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    await fill(company, finding_commands, 30)
    async with work_of(company) as work:
        (first,) = await work.rows(sa.select(Finding).where(Finding.title == "000"))
    titles = await similar(api, {"id": first.public_id})
    assert titles == [f"{number:03}" for number in range(29, 9, -1)]


async def test_causes_are_a_tree(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    shown = "causeCategory { id version } causeCategoryEdge { cursor }"
    root = {"id": finding_commands.ids["cause"], "version": 1}
    ids_ = [root]
    for code in ("SKILL", "NEW"):
        values = {"code": code, "name": code.title(), "parentId": ids_[-1]["id"]}
        payload = await done(api, "causeCategoryCreate", shown, **values)
        assert payload["causeCategoryEdge"]["cursor"]
        ids_.append(payload["causeCategory"])
    document = """{
        causeCategory(by: {code: "SKILL"}) { parent { code } children { nodes { code } } }
        causeCategories(filter: {parentId: {isNull: true}}) { nodes { code } } }"""
    assert await api.ask(document) == {
        "causeCategory": {"parent": {"code": "METHOD"}, "children": {"nodes": [{"code": "NEW"}]}},
        "causeCategories": {"nodes": [{"code": "METHOD"}]},
    }
    async with unchanged(company):
        for below in ids_:
            circle = await api.do("causeCategoryUpdate", **at(root, parentId=below["id"]))
            assert errors_of(circle) == [("BAD_USER_INPUT", "parentId")]
        twice = await api.do("causeCategoryCreate", code="SKILL", name="x")
        assert errors_of(twice) == [("ALREADY_EXISTS", "code")]
        stale = await api.do("causeCategoryUpdate", **at(root, name="x") | {"expectedVersion": 9})
        assert errors_of(stale) == [("STALE_VERSION", "expectedVersion")]
    shown = "causeCategory { id version }"
    free = await done(api, "causeCategoryUpdate", shown, **at(ids_[2], parentId=None, name="Top"))
    assert free["causeCategory"]["version"] == 2
    await done(api, "causeCategoryUpdate", shown, **at(root, parentId=ids_[2]["id"]))


async def test_each_step_is_remembered_with_its_reason(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk("findingOpen", "findingVoid")
    async with company.application.engine.connect() as connection:
        rows = await connection.execute(
            sa.text("""SELECT from_status, to_status, action, reason FROM status_events
            WHERE entity_id = :id ORDER BY at, id"""),
            {"id": ids.split(finding["id"])[1]},
        )
        assert [tuple(row) for row in rows] == [
            (None, "DRAFT", "findingCreate", None),
            ("DRAFT", "OPEN", "findingOpen", None),
            ("OPEN", "VOID", "findingVoid", "The labels were on the back."),
        ]

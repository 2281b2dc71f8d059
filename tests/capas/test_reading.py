"""Reading the register: who sees what, what finds what, and how much it costs."""

import itertools
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from qgp.actions.model import ActionStatus
from qgp.capas.model import Capa
from qgp.capas.model.terms import AnalysisStatus, CapaPriority, CapaStatus, EffectivenessMetric
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from tests.capas.capa_records import CapaRecords
from tests.company import Client, Hiring, texts
from tests.matrix import role_cases

REGISTER = """{ capas(first: 100) { totalCount nodes { reference status dueOn owner { name }
    site { code } department { code } causeCategory { code } verifiedBy { name } } } }"""
NESTED = """{ capas(first: 60) { nodes { reference findings { reference }
    analyses(first: 2) { totalCount nodes { method
        nodes(first: 2, filter: {isRoot: {eq: true}}) { totalCount nodes { text } } } } } } }"""
ROUNDS = "{ capas(first: 60) { nodes { reference rounds { number verifiedBy { name } } } } }"
STEPS = "{ capas(first: 60) { nodes { status availableTransitions { name isAllowed } } } }"


async def fill(capa_records: CapaRecords, count: int) -> list[Capa]:
    """Write CAPAs in all states, each with something of everything."""
    states, rows = itertools.cycle(CapaStatus), []
    for number in range(count):
        major = await capa_records.finding(grade=FindingGrade.MAJOR)
        row = await capa_records.capa(
            next(states),
            sources=[major],
            actions=[ActionStatus.DONE, ActionStatus.TODO],
            title=f"Burrs {number}",
            effectiveness_metric=EffectivenessMetric.NO_RECURRENCE,
            implemented_on=capa_records.days_ago(3),
        )
        await capa_records.analysis(row, nodes=3)
        rows.append(row)
    return rows


@pytest.fixture(scope="module")
async def capa_lists(hire_all: Hiring) -> dict[int, CapaRecords]:
    """A register of few rows in all states, and one of many."""
    results = {}
    for size in (9, 60):
        capa_records = results[size] = CapaRecords(await hire_all.company())
        async with capa_records.together():
            await fill(capa_records, size)
    return results


@pytest.mark.parametrize(
    "document", [REGISTER, NESTED, ROUNDS, STEPS], ids=["rows", "nested", "rounds", "steps"]
)
async def test_statements_do_not_grow_with_the_rows(
    capa_lists: dict[int, CapaRecords], document: str
) -> None:
    counts = {}
    for size, capa_records in capa_lists.items():
        async with capa_records.company.owner.signed_in() as api:
            capas = (await api.ask(document))["capas"]
            assert len(capas["nodes"]) == size
            counts[size] = len(api.statements)
    assert counts[9] == counts[60] <= 16, counts


@pytest.fixture
async def eve(capa_records: CapaRecords) -> AsyncIterator[tuple[Client, dict[str, Capa]]]:
    """An employee, and CAPAs that are hers in every way, and one that is not."""
    person = await capa_records.company.hire(Role.EMPLOYEE)
    rows = {
        "owned": await capa_records.capa(owner_id=person.user_id),
        "sponsored": await capa_records.capa(sponsor_id=person.user_id),
        "raised": await capa_records.capa(),
        "other": await capa_records.capa(),
    }
    rows["raised"] = await capa_records.change(rows["raised"], created_by_id=person.user_id)
    for row in rows.values():
        await capa_records.link(row, await capa_records.finding())
        await capa_records.analysis(row, nodes=2)
    async with person.signed_in() as api:
        yield api, rows


async def test_an_employee_sees_what_is_assigned_or_raised(
    eve: tuple[Client, dict[str, Capa]],
) -> None:
    api, rows = eve
    document = """{ capas { totalCount nodes { id findings { id }
        analyses { nodes { nodes { totalCount } } } } }
        rootCauseAnalyses { totalCount } causeNodes { totalCount } }"""
    data = await api.ask(document)
    hers = {rows[name].public_id for name in ("owned", "sponsored", "raised")}
    assert set(texts(data["capas"]["nodes"], "id")) == hers
    assert data["capas"]["totalCount"] == 3
    assert all(row["findings"] == [] for row in data["capas"]["nodes"])
    assert data["rootCauseAnalyses"]["totalCount"] == 3
    assert data["causeNodes"]["totalCount"] == 6
    single = "query ($id: ID!) { capa(by: {id: $id}) { id } node(id: $id) { id } }"
    hidden = await api.ask(single, id=rows["other"].public_id)
    assert hidden == {"capa": None, "node": None}


async def test_an_employee_neither_changes_nor_finds_what_is_hidden(
    eve: tuple[Client, dict[str, Capa]],
) -> None:
    api, rows = eve
    for row in (rows["other"], rows["owned"]):
        values = {"id": row.public_id, "expectedVersion": 99}
        payload = await api.do("capaStartAnalysis", "capa { id }", **values)
        (error,) = payload["errors"]
        is_hidden = row is rows["other"]
        assert error["code"] == ("NOT_FOUND" if is_hidden else "STALE_VERSION")
        assert (payload["capa"] is None) == is_hidden


async def test_a_supplier_contact_sees_nothing(capa_records: CapaRecords) -> None:
    person = await capa_records.company.hire(Role.SUPPLIER_CONTACT)
    row = await capa_records.capa()
    async with person.signed_in() as api:
        for root in ("capas { totalCount }", "rootCauseAnalyses { totalCount }"):
            assert await api.refusal(f"{{ {root} }}") == "FORBIDDEN"
        document = "query ($id: ID!) { capa(by: {id: $id}) { id } }"
        assert await api.refusal(document, id=row.public_id) == "FORBIDDEN"
        data = await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=row.public_id)
        assert data == {"node": None}


async def test_another_organization_sees_nothing(capa_records: CapaRecords, hire: Hiring) -> None:
    row = await capa_records.capa()
    async with (await hire.company()).owner.signed_in() as api:
        assert (await api.ask("{ capas { totalCount } }"))["capas"] == {"totalCount": 0}
        for by in ({"id": row.public_id}, {"reference": row.reference}):
            document = "query ($by: CapaBy!) { capa(by: $by) { id } }"
            assert await api.ask(document, by=by) == {"capa": None}


async def test_a_capa_is_found_by_reference(api: Client, capa_records: CapaRecords) -> None:
    row = await capa_records.capa()
    document = "query ($by: CapaBy!) { capa(by: $by) { id } }"
    data = await api.ask(document, by={"reference": row.reference})
    assert data == {"capa": {"id": row.public_id}}


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({"status": {"eq": "PLANNED"}}, "A"),
    ({"priority": {"in": ["HIGH", "CRITICAL"]}}, "A"),
    ({"kind": {"eq": "CORRECTIVE"}}, "ABC"),
    ({"title": {"contains": "burr"}}, "ABC"),
    ({"reference": {"startsWith": "SCAR-"}}, "B"),
    ({"supplierName": {"eq": "Acme"}}, "B"),
    ({"sourceJustification": {"isNull": False}}, "C"),
    ({"dueOn": {"lt": "2027-01-01"}, "status": {"in": ["OPEN", "PLANNED"]}}, "AB"),
    ({"round": {"gt": 1}}, "C"),
    ({"result": {"eq": "EFFECTIVE"}}, "C"),
    ({"effectivenessMetric": {"isNull": True}}, "ABC"),
    ({"owner": {"role": {"eq": "EMPLOYEE"}}}, "B"),
    ({"findings": {"some": {"grade": {"eq": "MAJOR"}}}}, "A"),
    ({"findings": {"none": {}}}, "BC"),
    ({"analyses": {"some": {"status": {"eq": "COMPLETED"}}}}, "B"),
]


@pytest.fixture(scope="module")
async def three_capas(hire_all: Hiring) -> CapaRecords:
    """A register of three CAPAs that differ."""
    capa_records = CapaRecords(await hire_all.company())
    eve = await capa_records.company.hire(Role.EMPLOYEE)
    major = await capa_records.finding(grade=FindingGrade.MAJOR)
    early: dict[str, Any] = {"due_on": date(2026, 9, 1)}
    await capa_records.capa(
        CapaStatus.PLANNED,
        title="A burr",
        priority=CapaPriority.CRITICAL,
        sources=[major],
        **early,
    )
    values = await capa_records.capa(
        CapaStatus.OPEN, title="B burr", supplier_name="Acme", owner_id=eve.user_id, **early
    )
    await capa_records.analysis(values, nodes=1)
    await capa_records.capa(
        CapaStatus.CLOSED, title="C burr", source_justification="Wish.", round=2
    )
    return capa_records


@pytest.fixture(scope="module")
async def hire_all(application: Any) -> Hiring:
    """Found companies for a whole file."""
    return Hiring(application)


@pytest.mark.parametrize(("filter", "expected"), FILTERS)
async def test_a_filter_finds(
    three_capas: CapaRecords, filter: dict[str, Any], expected: str
) -> None:
    document = """query ($filter: CapaFilter) { capas(filter: $filter,
        orderBy: [{field: TITLE}]) { totalCount nodes { title } } }"""
    async with three_capas.company.owner.signed_in() as api:
        capas = (await api.ask(document, filter=filter))["capas"]
    assert "".join(title[0] for title in texts(capas["nodes"], "title")) == expected
    assert capas["totalCount"] == len(expected)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ([], "ABC"),
        ([{"field": "TITLE", "direction": "DESC"}], "CBA"),
        ([{"field": "DUE_ON", "direction": "DESC"}, {"field": "TITLE"}], "CAB"),
        ([{"field": "ROUND"}, {"field": "REFERENCE", "direction": "DESC"}], "BAC"),
        ([{"field": "CLOSED_ON"}, {"field": "STATUS"}], "CBA"),
    ],
)
async def test_the_register_is_ordered(
    three_capas: CapaRecords, order: list[Any], expected: str
) -> None:
    document = """query ($order: [CapaOrder!]) { capas(orderBy: $order) { nodes { title } } }"""
    async with three_capas.company.owner.signed_in() as api:
        rows = (await api.ask(document, order=order))["capas"]["nodes"]
    assert "".join(title[0] for title in texts(rows, "title")) == expected


CHANGES = {
    "capaUpdate": {"title": "Chips"},
    "rootCauseAnalysisUpdate": {"method": "TIMELINE"},
    "causeNodeUpdate": {"text": "Why not"},
}


@pytest.mark.parametrize(
    "role", role_cases(Role.QUALITY_MANAGER, Role.EMPLOYEE, Role.SUPPLIER_CONTACT)
)
async def test_what_the_viewer_can_is_what_happens(
    shared_capa_records: CapaRecords, role: Role
) -> None:
    """For every state of the CAPA, and both of its analysis."""
    query = """query ($id: ID!, $analysis: ID!) { capa(by: {id: $id}) { viewerCanUpdate }
        rootCauseAnalysis(by: {id: $analysis}) { viewerCanUpdate
            nodes { nodes { id version viewerCanUpdate } } } }"""
    async with (
        (await shared_capa_records.company.hire(role)).signed_in() as api,
        shared_capa_records.company.owner.signed_in() as owners,
    ):
        for status in CapaStatus:
            is_even = list(CapaStatus).index(status) % 2 == 0
            row = await shared_capa_records.capa(status)
            drawn = AnalysisStatus.DRAFT if is_even else AnalysisStatus.COMPLETED
            analysis = await shared_capa_records.analysis(row, drawn, nodes=1)
            values = {"id": row.public_id, "analysis": analysis.public_id}
            (node,) = (await owners.ask(query, **values))["rootCauseAnalysis"]["nodes"]["nodes"]
            data = (await api.send(query, **values))["data"]
            can = dict.fromkeys(CHANGES, False)
            if data["capa"] is not None:
                below = data["rootCauseAnalysis"]
                shown = (data["capa"], below, below["nodes"]["nodes"][0])
                can = dict(zip(CHANGES, (one["viewerCanUpdate"] for one in shown), strict=True))
            rows = [(one.public_id, one.version) for one in (row, analysis)]
            rows.append((node["id"], node["version"]))
            for (step, more), (id, version) in zip(CHANGES.items(), rows, strict=True):
                title = step[0].upper() + step[1:]
                document = (
                    f"mutation ($i: {title}Input!) {{ {step}(input: $i) {{ errors {{ code }} }} }}"
                )
                answer = await api.send(document, i={"id": id, "expectedVersion": version, **more})
                happened = "errors" not in answer and answer["data"][step]["errors"] == []
                assert can[step] == happened, (status, step)

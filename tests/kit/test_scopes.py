"""A role that holds for a place sees what is of it, of places below, of none, and its own."""

from typing import Any

import pytest

from qgp.kit.policy import Role
from qgp.organizations.model import Site
from tests.actions.action_commands import audit
from tests.capas.capa_records import CapaRecords
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.exchange.files import fetch
from tests.kit.places import PLACES, Map, charted
from tests.kit.work import work_of
from tests.programmes.programme_records import ProgrammeRecords


@pytest.fixture
def capa_records(company: Company) -> CapaRecords:
    """Where a test writes records."""
    return CapaRecords(company)


@pytest.fixture
async def map(company: Company) -> Map:
    """The map of a company."""
    return await charted(company)


async def titles(api: Client, register: str) -> set[str]:
    """Return the titles of all that a register shows, which its count and file agree with."""
    document = f"{{ {register}(first: 100) {{ totalCount nodes {{ id title }} }} }}"
    connection = (await api.ask(document))[register]
    assert connection["totalCount"] == len(connection["nodes"])
    filed = await fetch(api, register, "title")
    assert sorted(filed.column("title")) == sorted(node["title"] for node in connection["nodes"])
    return {node["title"] for node in connection["nodes"]}


async def spread(map: Map, capa_records: CapaRecords, *names: str) -> dict[str, list[Any]]:
    """Write a finding, a CAPA with an action, and an audit at each place."""
    records: dict[str, list[Any]] = {"findings": [], "capas": [], "actions": [], "audits": []}
    for place in PLACES:
        facts = map.facts(place, *names)
        records["audits"].append(await audit(map.company, title=place, **facts))
        records["findings"].append(await capa_records.finding(title=place, **facts))
        records["capas"].append(capa := await capa_records.capa(title=place, **facts))
        records["actions"].append(await capa_records.action(capa, title=place))
    return records


SITE, DEPARTMENT = ("site_id",), ("department_id",)
EACH_ONCE = [
    (Role.PROCESS_OWNER, SITE),
    (Role.EXTERNAL_AUDITOR, DEPARTMENT),
    (Role.PROCESS_OWNER, SITE + DEPARTMENT),
]
THE_REST = [
    (Role.EXTERNAL_AUDITOR, SITE),
    (Role.PROCESS_OWNER, DEPARTMENT),
    (Role.EXTERNAL_AUDITOR, SITE + DEPARTMENT),
]


@pytest.mark.parametrize(
    ("role", "names"),
    EACH_ONCE + [pytest.param(*case, marks=pytest.mark.exhaustive) for case in THE_REST],
)
async def test_registers_show_what_is_of_the_place(
    map: Map, capa_records: CapaRecords, role: Role, names: tuple[str, ...]
) -> None:
    records = await spread(map, capa_records, *names)
    person = await map.hire(role, *names)
    async with person.signed_in() as api:
        for register, rows in records.items():
            assert await titles(api, register) == {"here", "below", "nowhere"}, register
            document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
            nodes = (await api.ask(document, ids=[row.public_id for row in rows]))["nodes"]
            assert [node is None for node in nodes] == [place == "there" for place in PLACES]
    for role_ in (role, Role.QUALITY_MANAGER):
        place = names if role_ is Role.QUALITY_MANAGER else ()
        async with (await map.hire(role_, *place)).signed_in() as api:
            assert await titles(api, "findings") == {*PLACES}, "the role holds everywhere"


async def test_both_places_count(map: Map, capa_records: CapaRecords) -> None:
    """What is of the site but of another department is of another place."""
    for site in PLACES:
        for department in PLACES:
            where = map.facts(site, "site_id") | map.facts(department, "department_id")
            await capa_records.finding(title=f"{site} {department}", **where)
    seen = ("here", "below", "nowhere")
    person = await map.hire(Role.PROCESS_OWNER, "site_id", "department_id")
    async with person.signed_in() as api:
        assert await titles(api, "findings") == {f"{s} {d}" for s in seen for d in seen}


async def test_what_concerns_somebody_is_theirs_wherever_it_is(
    map: Map, capa_records: CapaRecords
) -> None:
    person = await map.hire(Role.PROCESS_OWNER, "site_id")
    where, mine = map.facts("there"), dict[str, Any](owner_id=person.user_id)
    await capa_records.finding(title="mine", **where, **mine)
    other = await capa_records.capa(title="other", **where)
    await capa_records.capa(title="mine", **where, **mine)
    await capa_records.action(other, title="mine", **mine)
    await capa_records.action(other, title="other")
    async with person.signed_in() as api:
        for register in ("findings", "capas", "actions"):
            assert await titles(api, register) == {"mine"}


async def test_what_belongs_to_something_is_seen_with_it(
    map: Map, capa_records: CapaRecords
) -> None:
    clause = await capa_records.clause()
    for place in ("here", "there"):
        facts = map.facts(place)
        source = await capa_records.finding(title=place, clause=clause, **facts)
        capa = await capa_records.capa(title=place, sources=[source], **facts)
        await capa_records.analysis(capa)
        await capa_records.proof(capa)
    document = """{ findingClauses { totalCount } rootCauseAnalyses { totalCount }
        evidenceItems { totalCount } }"""
    person = await map.hire(Role.PROCESS_OWNER, "site_id")
    for who, count in ((capa_records.company.owner, 2), (person, 1)):
        async with who.signed_in() as api:
            connections = await api.ask(document)
        assert {
            name: connection["totalCount"] for name, connection in connections.items()
        } == dict.fromkeys(("findingClauses", "rootCauseAnalyses", "evidenceItems"), count)


@pytest.mark.parametrize(
    ("register", "field", "value"),
    [("findings", "isSystemic", True), ("capas", "title", "x"), ("actions", "title", "x")],
)
async def test_what_is_hidden_is_not_there_to_be_changed(
    map: Map, capa_records: CapaRecords, register: str, field: str, value: object
) -> None:
    record = register.removesuffix("s")
    rows = (await spread(map, capa_records))[register]
    person = await map.hire(Role.PROCESS_OWNER, "site_id", "department_id")
    async with person.signed_in() as api:
        for place, row in zip(PLACES, rows, strict=True):
            change = {"id": row.public_id, "expectedVersion": 1, field: value}
            if place != "there":
                payload = await api.do(f"{record}Update", f"{record} {{ {field} }}", **change)
                assert payload[record] == {field: value}
                continue
            async with unchanged(map.company):
                payload = await api.do(f"{record}Update", f"{record} {{ {field} }}", **change)
            assert [error["code"] for error in payload["errors"]] == ["NOT_FOUND"]


async def test_nothing_is_made_of_what_is_hidden(map: Map, capa_records: CapaRecords) -> None:
    hidden = {
        name: rows[PLACES.index("there")]
        for name, rows in (await spread(map, capa_records)).items()
    }
    ids = {name: row.public_id for name, row in hidden.items()}
    mine = await capa_records.capa(title="mine", **map.facts("here"))
    analysis = await capa_records.analysis(hidden["capas"])
    person = await map.hire(Role.PROCESS_OWNER, "site_id")
    task = {"title": "x", "kind": "CORRECTION", "ownerId": person.id, "dueOn": "2099-01-01"}
    problem = {"title": "x", "problemStatement": "x", "dueOn": "2099-01-01"}
    finding = {"grade": "MINOR", "sourceType": "PROCESS", "title": "x"}
    attempts: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("actionCreate", "findingId", {**task, "findingId": ids["findings"]}),
        ("actionCreate", "capaId", {**task, "capaId": ids["capas"]}),
        ("actionCreate", "auditId", {**task, "auditId": ids["audits"]}),
        ("capaCreate", "findingIds", {**problem, "findingIds": [ids["findings"]]}),
        (
            "capaLinkFinding",
            "findingId",
            {"id": mine.public_id, "expectedVersion": 1, "findingId": ids["findings"]},
        ),
        ("findingCreate", "repeatOfId", {**finding, "repeatOfId": ids["findings"]}),
        ("findingCreate", "auditId", {**finding, "sourceType": "AUDIT", "auditId": ids["audits"]}),
        ("rootCauseAnalysisCreate", "capaId", {"capaId": ids["capas"], "method": "PARETO"}),
        (
            "rootCauseAnalysisUpdate",
            "id",
            {"id": analysis.public_id, "expectedVersion": 1, "method": "PARETO"},
        ),
        ("causeNodeCreate", "analysisId", {"analysisId": analysis.public_id, "text": "x"}),
        ("commentCreate", "subjectId", {"subjectId": ids["findings"], "body": "x"}),
    )
    async with person.signed_in() as api:
        for mutation, path, arguments in attempts:
            async with unchanged(map.company):
                payload = await api.do(mutation, **arguments)
            errors = [(error["code"], error["path"]) for error in payload["errors"]]
            assert errors == [("NOT_FOUND", [path])], (mutation, arguments)


async def test_a_place_that_moves_takes_its_records_along(
    map: Map, capa_records: CapaRecords
) -> None:
    """Nobody has to sign in anew for it, nor after moving to another place."""
    await capa_records.finding(title="there", **map.facts("there", "site_id"))
    person = await map.hire(Role.PROCESS_OWNER, "site_id")
    sites = map.sites
    async with person.signed_in() as api:
        assert await titles(api, "findings") == set()
        async with work_of(map.company) as work:
            row = await work.get(Site, sites["there"])
            await work.change(row, {"parent_id": sites["below"]})
        assert await titles(api, "findings") == {"there"}
        async with capa_records.company.owner.signed_in() as owner:
            moved = {"id": person.id, "expectedVersion": 1, "siteId": f"sit_{sites['below'].hex}"}
            assert (await owner.do("userUpdate", **moved))["errors"] == []
            assert await titles(api, "findings") == {"there"}
            moved |= {"expectedVersion": 2, "siteId": None}
            assert (await owner.do("userUpdate", **moved))["errors"] == []
        assert await titles(api, "findings") == {"there"}


async def test_of_a_programme_the_items_of_the_place_are_seen(map: Map) -> None:
    writing = ProgrammeRecords(map.company)
    programme = await writing.programme()
    for place in PLACES[:3]:
        await writing.item(programme, **map.facts(place, "site_id"))
    document = "{ auditProgrammes { totalCount nodes { items { totalCount } } } }"
    for names, count in (((), 3), (("site_id",), 2)):
        async with (await map.hire(Role.PROCESS_OWNER, *names)).signed_in() as api:
            programmes = (await api.ask(document))["auditProgrammes"]
        assert programmes == {"totalCount": 1, "nodes": [{"items": {"totalCount": count}}]}

"""What a CAPA says: writing it down, changing it, linking what is behind it."""

from typing import Any

import pytest
import sqlalchemy as sa

from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import CapaPriority, CapaStatus
from qgp.findings.model import FindingStatus
from qgp.kit import clock, ids
from qgp.kit.audit import AuditEntry
from qgp.kit.policy import Role
from tests.capas.capa_records import CapaRecords, errors_of
from tests.company import Client, Company, Hiring
from tests.evidence import unchanged
from tests.kit.work import work_of
from tests.matrix import role_cases

FACTS = """capa { id reference kind title problemStatement priority status sourceJustification
    supplierName dueOn originalDueOn extensionCount causeKnownReason rootCauseSummary
    effectivenessCriteria effectivenessMetric windowDays effectivenessDueOn result resultNote
    round implementedOn closedOn version owner { id } sponsor { id } site { code }
    department { code } causeCategory { id } verifiedBy { id } findings { reference }
    rounds { number } }"""
GIVEN = {"title": "Burrs", "problemStatement": "Every tenth housing.", "dueOn": "2027-03-01"}
PLAIN: dict[str, Any] = {
    "kind": "CORRECTIVE",
    "title": "Burrs",
    "problemStatement": "Every tenth housing.",
    "priority": "MEDIUM",
    "status": "DRAFT",
    "sourceJustification": None,
    "supplierName": None,
    "dueOn": "2027-03-01",
    "originalDueOn": "2027-03-01",
    "extensionCount": 0,
    "causeKnownReason": None,
    "rootCauseSummary": None,
    "effectivenessCriteria": None,
    "effectivenessMetric": None,
    "windowDays": 90,
    "effectivenessDueOn": None,
    "result": None,
    "resultNote": None,
    "round": 1,
    "implementedOn": None,
    "closedOn": None,
    "version": 1,
    "owner": None,
    "sponsor": None,
    "site": None,
    "department": None,
    "causeCategory": None,
    "verifiedBy": None,
    "findings": [],
    "rounds": [],
}
RAISERS = {
    *(Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.HSE_MANAGER, Role.PROCESS_OWNER),
    *(Role.LEAD_AUDITOR, Role.AUDITOR, Role.RISK_MANAGER),
}
WORKERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.HSE_MANAGER, Role.PROCESS_OWNER}


async def create(api: Client, **facts: Any) -> Any:
    return await api.do("capaCreate", FACTS, **{**GIVEN, **facts})


async def update(api: Client, row: Capa, **changes: Any) -> Any:
    values = {"id": row.public_id, "expectedVersion": row.version, **changes}
    return await api.do("capaUpdate", FACTS, **values)


async def test_a_capa_starts_as_a_draft(api: Client) -> None:
    payload = await create(api)
    capa = payload["capa"]
    year = clock.now().year
    assert capa.pop("reference") == f"CAPA-{year}-0001"
    assert capa.pop("id").startswith("cap_")
    assert payload == {"capa": PLAIN, "errors": []}


async def test_a_capa_returns_every_field_that_was_sent(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    places = {
        "siteId": (await api.do("siteCreate", "site { id }", code="HQ", name="HQ"))["site"]["id"],
        "departmentId": (
            await api.do("departmentCreate", "department { id }", code="QA", name="QA")
        )["department"]["id"],
    }
    first, second = await capa_records.finding(), await capa_records.finding()
    said = {
        "kind": "IMPROVEMENT",
        "priority": "CRITICAL",
        "sourceJustification": "The market asks for it.",
        "causeKnownReason": "Seen on the bench.",
        "rootCauseSummary": "A worn tool.",
        "effectivenessCriteria": "No burr in 1000 parts.",
        "effectivenessMetric": "SAMPLE",
        "windowDays": 730,
    }
    people = {"ownerId": company.owner.id, "sponsorId": company.owner.id}
    linked = {"findingIds": [second.public_id, first.public_id]}
    payload = await create(api, **said, **places, **people, **linked)
    capa = payload["capa"]
    assert payload["errors"] == []
    who = {"id": company.owner.id}
    shown = {"owner": who, "sponsor": who, "site": {"code": "HQ"}, "department": {"code": "QA"}}
    sources = {"findings": [{"reference": first.reference}, {"reference": second.reference}]}
    capa["findings"].sort(key=lambda finding: finding["reference"])  # linked at one instant
    assert {**capa, "id": "", "reference": ""} == {
        **PLAIN, **said, **shown, **sources, "id": "", "reference": "",
    }  # fmt: skip


async def test_a_supplier_makes_it_a_scar_with_a_series_of_its_own(api: Client) -> None:
    year = clock.now().year
    created = [(await create(api, supplierName=name))["capa"] for name in ("Acme", None, "Bolt")]
    assert [capa["reference"] for capa in created] == [
        f"SCAR-{year}-0001",
        f"CAPA-{year}-0001",
        f"SCAR-{year}-0002",
    ]
    values = {"id": created[0]["id"], "expectedVersion": 1, "supplierName": None}
    changed = (await api.do("capaUpdate", FACTS, **values))["capa"]
    assert (changed["reference"], changed["supplierName"]) == (f"SCAR-{year}-0001", None)


@pytest.mark.parametrize(
    ("facts", "code", "path"),
    [
        ({"windowDays": 0}, "OUT_OF_RANGE", "windowDays"),
        ({"windowDays": 731}, "OUT_OF_RANGE", "windowDays"),
        ({"title": " "}, "REQUIRED", "title"),
        ({"problemStatement": ""}, "REQUIRED", "problemStatement"),
        ({"findingIds": ["{finding}", "{finding}"]}, "BAD_USER_INPUT", "findingIds"),
        ({"findingIds": ["{void}"]}, "BAD_USER_INPUT", "findingIds"),
        ({"findingIds": ["{foreign}"]}, "NOT_FOUND", "findingIds"),
        ({"findingIds": ["{owner}"]}, "BAD_USER_INPUT", "findingIds"),
        ({"ownerId": "{finding}"}, "BAD_USER_INPUT", "ownerId"),
        ({"ownerId": "{nobody}"}, "NOT_FOUND", "ownerId"),
    ],
)
async def test_a_wrong_capa_is_not_written_down(
    api: Client,
    capa_records: CapaRecords,
    company: Company,
    hire: Hiring,
    facts: dict[str, Any],
    code: str,
    path: str,
) -> None:
    rival = CapaRecords(await hire.company())
    ids_by_name = {
        "{finding}": (await capa_records.finding()).public_id,
        "{void}": (await capa_records.finding(FindingStatus.VOID)).public_id,
        "{foreign}": (await rival.finding()).public_id,
        "{owner}": company.owner.id,
        "{nobody}": rival.company.owner.id,
    }

    def put(value: Any) -> Any:
        return (
            [put(one) for one in value]
            if isinstance(value, list)
            else ids_by_name.get(value, value)
        )

    async with unchanged(company), unchanged(rival.company):
        payload = await create(api, **{name: put(value) for name, value in facts.items()})
    assert errors_of(payload) == [(code, path)]
    assert payload["capa"] is None


async def test_a_capa_has_at_most_50_sources(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    findings = [await capa_records.finding() for _ in range(51)]
    named = [finding.public_id for finding in findings]
    async with unchanged(company):
        payload = await create(api, findingIds=named)
        assert errors_of(payload) == [("TOO_LONG", "findingIds")]
    capa = (await create(api, findingIds=named[:50]))["capa"]
    assert len(capa["findings"]) == 50
    async with unchanged(company):
        link = {"id": capa["id"], "expectedVersion": 1, "findingId": named[50]}
        payload = await api.do("capaLinkFinding", **link)
        assert errors_of(payload) == [("TOO_LONG", "findingId")]


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_who_may_write_down_and_change(shared_capa_records: CapaRecords, role: Role) -> None:
    row = await shared_capa_records.capa()
    finding = await shared_capa_records.finding()
    at = {"id": row.public_id, "expectedVersion": row.version}
    cases = (
        ("capaCreate", GIVEN, RAISERS),
        ("capaUpdate", {**at, "title": "Chips"}, WORKERS),
        ("capaLinkFinding", {**at, "expectedVersion": 2, "findingId": finding.public_id}, WORKERS),
        (
            "capaUnlinkFinding",
            {**at, "expectedVersion": 3, "findingId": finding.public_id},
            WORKERS,
        ),
        ("rootCauseAnalysisCreate", {"capaId": row.public_id, "method": "PARETO"}, WORKERS),
    )
    async with (await shared_capa_records.company.hire(role)).signed_in() as api:
        for mutation, values, allowed in cases:
            if role in allowed:
                assert (await api.do(mutation, **values))["errors"] == [], mutation
                continue
            kind = mutation[0].upper() + mutation[1:]
            document = f"mutation ($i: {kind}Input!) {{ {mutation}(input: $i) {{ __typename }} }}"
            async with unchanged(shared_capa_records.company):
                assert await api.refusal(document, i=values) == "FORBIDDEN", mutation


async def test_the_first_due_day_stays(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    row = await capa_records.capa(CapaStatus.OPEN)
    async with unchanged(company):
        payload = await update(api, row, dueOn="2027-04-01")
        assert errors_of(payload) == [("REQUIRED", "reason")]
    later = (await update(api, row, dueOn="2027-04-01", reason="The tool is late."))["capa"]
    days = ("dueOn", "originalDueOn", "extensionCount", "version")
    assert [later[name] for name in days] == ["2027-04-01", "2027-03-01", 1, 2]
    row.version = 2
    sooner = (await update(api, row, dueOn="2027-02-01", reason="It came."))["capa"]
    assert [sooner[name] for name in days] == ["2027-02-01", "2027-03-01", 1, 3]
    async with work_of(company) as work:
        reasons = sa.select(AuditEntry.reason).where(AuditEntry.entity_id == row.id)
        rows = await work.rows(reasons.order_by(AuditEntry.seq))
    assert rows == [None, "The tool is late.", "It came."]


async def test_a_draft_moves_its_due_day_without_a_reason(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await capa_records.capa()
    changed = (await update(api, row, dueOn="2027-04-01"))["capa"]
    assert [changed[name] for name in ("dueOn", "originalDueOn", "extensionCount")] == [
        "2027-04-01",
        "2027-03-01",
        0,
    ]


SETTLED = {
    "causeKnownReason": {"DRAFT", "OPEN", "ANALYSIS"},
    "effectivenessCriteria": {"DRAFT", "OPEN", "ANALYSIS", "PLANNED"},
    "effectivenessMetric": {"DRAFT", "OPEN", "ANALYSIS", "PLANNED"},
    "windowDays": {"DRAFT", "OPEN", "ANALYSIS", "PLANNED"},
    "priority": {"DRAFT", "OPEN", "ANALYSIS", "PLANNED"},
    "title": {
        *("DRAFT", "OPEN", "ANALYSIS", "PLANNED", "IMPLEMENTING", "VERIFICATION"),
        "EFFECTIVENESS",
    },
}


@pytest.mark.parametrize("status", CapaStatus)
async def test_what_a_guard_has_looked_at_stays(
    api: Client, capa_records: CapaRecords, company: Company, status: CapaStatus
) -> None:
    values = {"effectivenessMetric": "TEST", "windowDays": 31, "priority": "HIGH"}
    for name, states in SETTLED.items():
        row = await capa_records.capa(status)
        change = {name: values.get(name, "Another text")}
        if status.value in states:
            payload = await update(api, row, **change)
            assert (payload["errors"], payload["capa"]["version"]) == ([], 2), name
            assert payload["capa"][name] == change[name]
            continue
        async with unchanged(company):
            payload = await update(api, row, **change)
        is_over = status in {CapaStatus.CLOSED, CapaStatus.CANCELLED}
        assert errors_of(payload) == [("BAD_USER_INPUT", "id" if is_over else name)]


async def test_an_issued_capa_keeps_owner_and_source(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    row = await capa_records.capa(CapaStatus.OPEN, source_justification="The market asks.")
    async with unchanged(company):
        payload = await update(api, row, ownerId=None)
        assert errors_of(payload) == [("REQUIRED", "ownerId")]
        payload = await update(api, row, sourceJustification=None)
        assert errors_of(payload) == [("REQUIRED", "sourceJustification")]
    finding = await capa_records.finding()
    link = {"id": row.public_id, "expectedVersion": 1, "findingId": finding.public_id}
    assert (await api.do("capaLinkFinding", **link))["errors"] == []
    row.version = 2
    payload = await update(api, row, sourceJustification=None)
    assert (payload["errors"], payload["capa"]["sourceJustification"]) == ([], None)
    async with unchanged(company):
        payload = await api.do("capaUnlinkFinding", **{**link, "expectedVersion": 3})
        assert errors_of(payload) == [("BAD_USER_INPUT", "findingId")]


async def test_only_quality_lowers_a_high_priority(
    capa_records: CapaRecords, company: Company
) -> None:
    row = await capa_records.capa(CapaStatus.OPEN, priority=CapaPriority.HIGH)
    async with (await company.hire(Role.PROCESS_OWNER)).signed_in() as api:
        async with unchanged(company):
            payload = await update(api, row, priority="LOW")
            assert errors_of(payload) == [("FORBIDDEN", "priority")]
        assert (await update(api, row, priority="CRITICAL"))["errors"] == []
    async with (await company.hire(Role.QUALITY_MANAGER)).signed_in() as api:
        row.version = 2
        assert (await update(api, row, priority="LOW"))["capa"]["priority"] == "LOW"


async def test_a_link_returns_both_sides_and_so_does_its_end(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    row, finding = await capa_records.capa(), await capa_records.finding()
    shown = "capa { version findings { id } } finding { reference }"
    link = {"id": row.public_id, "expectedVersion": 1, "findingId": finding.public_id}
    both = {"reference": finding.reference}
    assert await api.do("capaLinkFinding", shown, **link) == {
        "capa": {"version": 2, "findings": [{"id": finding.public_id}]},
        "finding": both,
        "errors": [],
    }
    link["expectedVersion"] = 2
    async with unchanged(company):
        again = await api.do("capaLinkFinding", shown, **link)
        assert errors_of(again) == [("ALREADY_EXISTS", "findingId")]
        assert (again["capa"], again["finding"]) == (None, None)
    assert await api.do("capaUnlinkFinding", shown, **link) == {
        "capa": {"version": 3, "findings": []},
        "finding": both,
        "errors": [],
    }
    link["expectedVersion"] = 3
    async with unchanged(company):
        again = await api.do("capaUnlinkFinding", shown, **link)
        assert errors_of(again) == [("NOT_FOUND", "findingId")]


@pytest.mark.parametrize("mutation", ["capaLinkFinding", "capaUnlinkFinding", "capaUpdate"])
async def test_a_stale_or_foreign_capa_stays(
    api: Client, capa_records: CapaRecords, company: Company, hire: Hiring, mutation: str
) -> None:
    row, finding = await capa_records.capa(), await capa_records.finding()
    rival = CapaRecords(await hire.company())
    theirs = await rival.capa()
    more = {} if mutation == "capaUpdate" else {"findingId": finding.public_id}
    async with unchanged(company), unchanged(rival.company):
        stale = await api.do(
            mutation, "capa { version }", id=row.public_id, expectedVersion=7, **more
        )
        assert errors_of(stale) == [("STALE_VERSION", "expectedVersion")]
        assert stale["capa"] == {"version": 1}
        for id in (theirs.public_id, ids.encode("cap", ids.uuid7())):
            foreign = await api.do(mutation, "capa { version }", id=id, expectedVersion=1, **more)
            assert (errors_of(foreign), foreign["capa"]) == ([("NOT_FOUND", "id")], None)


@pytest.mark.parametrize("status", [CapaStatus.CLOSED, CapaStatus.CANCELLED])
async def test_what_has_ended_takes_no_links(
    api: Client, capa_records: CapaRecords, company: Company, status: CapaStatus
) -> None:
    linked, other = await capa_records.finding(), await capa_records.finding()
    row = await capa_records.capa(status, sources=[linked])
    at = {"id": row.public_id, "expectedVersion": 1}
    async with unchanged(company):
        for mutation, finding in (("capaLinkFinding", other), ("capaUnlinkFinding", linked)):
            payload = await api.do(mutation, **at, findingId=finding.public_id)
            assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
    async with work_of(company) as work:
        statement = sa.select(CapaFinding.finding_id).where(CapaFinding.capa_id == row.id)
        assert await work.rows(statement) == [linked.id]


async def test_a_repeated_create_is_made_once(api: Client, company: Company) -> None:
    first, second = [await create(api, idempotencyKey="a-key-of-mine") for _ in range(2)]
    assert first == second
    async with unchanged(company):
        reused = await create(api, title="Another", idempotencyKey="a-key-of-mine")
        assert errors_of(reused)[0][0] == "IDEMPOTENCY_KEY_REUSED"

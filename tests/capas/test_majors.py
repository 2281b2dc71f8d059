"""A MAJOR is closed on effective CAPAs by a person without a part, and reopened with them."""

from typing import Any

import pytest

from qgp.actions.model import ActionKind, ActionStatus
from qgp.audits.model.terms import AuditStatus
from qgp.capas.commands import transitions
from qgp.capas.model import Capa
from qgp.capas.model.terms import CapaKind, CapaStatus, EffectivenessMetric
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from tests import factories
from tests.capas.capa_records import CapaRecords, blockers, errors_of, take
from tests.company import Client, Company, Person, signature, subject_id
from tests.evidence import unchanged
from tests.kit.work import work_of


@pytest.fixture
async def verifier(company: Company) -> Person:
    """A quality manager without a part in any finding."""
    return await company.hire(Role.QUALITY_MANAGER)


async def major(capa_records: CapaRecords, **facts: Any) -> Finding:
    """Write a MAJOR in VERIFICATION with evidence."""
    row = await capa_records.finding(FindingStatus.VERIFICATION, grade=FindingGrade.MAJOR, **facts)
    await capa_records.proof(row)
    return row


async def closure(person: Person, finding: Finding) -> list[tuple[str, str | None]]:
    """Return code and subject of what blocks the closure of a finding for a person."""
    document = """query ($id: ID!) { finding(by: {id: $id}) { availableTransitions { name
        blockers { code subject { id } } } } }"""
    async with person.signed_in() as api:
        shown = (await api.ask(document, id=finding.public_id))["finding"]
    (option,) = [o for o in shown["availableTransitions"] if o["name"] == "findingClose"]
    return [(blocker["code"], subject_id(blocker)) for blocker in option["blockers"]]


async def test_a_major_requires_an_effective_corrective_capa(
    api: Client, company: Company, capa_records: CapaRecords, verifier: Person
) -> None:
    finding = await major(capa_records)
    unsigned = ("SIGNATURE", finding.public_id)
    unlinked = ("CAPA_LINKED", finding.public_id)
    assert await closure(verifier, finding) == [unlinked, unsigned]
    for kind, status in (
        (CapaKind.IMPROVEMENT, CapaStatus.CLOSED),
        (CapaKind.CORRECTIVE, CapaStatus.CANCELLED),
    ):
        await capa_records.capa(status, sources=[finding], kind=kind)
        assert await closure(verifier, finding) == [unlinked, unsigned]
    row = await capa_records.capa(CapaStatus.EFFECTIVENESS, sources=[finding])
    assert await closure(verifier, finding) == [("CAPA_EFFECTIVE", row.public_id), unsigned]
    for version, is_sufficient in ((1, True), (2, False)):
        setting = {"isMajorClosableInEffectiveness": is_sufficient, "expectedVersion": version}
        organization = f"org_{company.organization_id.hex}"
        assert (await api.do("organizationUpdate", id=organization, **setting))["errors"] == []
        waiting = [] if is_sufficient else [("CAPA_EFFECTIVE", row.public_id)]
        assert await closure(verifier, finding) == [*waiting, unsigned]
    closed = {"result": "PARTIAL", "result_note": "Enough.", "closed_on": clock.today()}
    await capa_records.enter(row, CapaStatus.CLOSED, **closed)
    assert await closure(verifier, finding) == [unsigned]
    async with verifier.signed_in() as client:
        values: dict[str, Any] = {"comment": "Seen.", "signature": signature("VERIFIED")}
        values |= {"id": finding.public_id, "expectedVersion": 1}
        assert (await client.do("findingClose", **values))["errors"] == []
    assert (await capa_records.now(finding)).verified_by_id == verifier.user_id


async def test_nobody_with_a_part_in_a_major_closes_it(
    company: Company, capa_records: CapaRecords, verifier: Person
) -> None:
    """Neither its creator, former owners of it, a CAPA or an action, nor who added evidence."""
    people = [await company.hire(Role.QUALITY_MANAGER) for _ in "12345678"]
    former, of_capa, collector, worker, starter, heir, completer, independent = people
    finding = await major(capa_records, owner_id=former.user_id)
    finding = await capa_records.change(finding, owner_id=verifier.user_id)
    row = await capa_records.capa(CapaStatus.CLOSED, sources=[finding], owner_id=of_capa.user_id)
    await capa_records.change(row, owner_id=verifier.user_id)
    item = await capa_records.proof(finding)
    await capa_records.change(item, collected_by_id=collector.user_id)
    corrective = await capa_records.action(row, ActionStatus.DONE, owner_id=worker.user_id)
    passed_on = await capa_records.action(row, ActionStatus.DONE, owner_id=starter.user_id)
    await capa_records.change(passed_on, owner_id=heir.user_id)
    async with capa_records.working() as work:
        done, follow_up = [
            factories.action(
                ActionStatus.DONE,
                finding_id=finding.id,
                owner_id=person.user_id,
                completed_by_id=person.user_id,
                kind=kind,
            )
            for person, kind in (
                (completer, ActionKind.CORRECTION),
                (independent, ActionKind.FOLLOW_UP),
            )
        ]
        await work.add(done, follow_up)
    unsigned = ("SIGNATURE", finding.public_id)
    assert await closure(independent, finding) == [unsigned]
    for person, subject in (
        (company.owner, finding),
        (former, finding),
        (of_capa, row),
        (worker, corrective),
        (starter, passed_on),
        (completer, done),
        (collector, item),
    ):
        expected = [("VERIFIER_DIFFERS", subject.public_id), unsigned]
        assert await closure(person, finding) == expected


async def test_a_capa_of_a_major_rests_on_work_that_others_review(
    api: Client, company: Company, capa_records: CapaRecords, verifier: Person
) -> None:
    """A follow-up is no work: neither planned nor done alone, nor in its owner's way."""
    worker = await company.hire(Role.QUALITY_MANAGER)
    finding = await capa_records.finding(FindingStatus.VERIFICATION, grade=FindingGrade.MAJOR)
    follow_up: dict[str, Any] = {"kind": ActionKind.FOLLOW_UP, "owner_id": verifier.user_id}
    planned = await capa_records.capa(CapaStatus.PLANNED)
    await capa_records.action(planned, **follow_up)
    codes = [code for code, _ in blockers(await take(api, "capaReleasePlan", planned))]
    assert "ACTIONS_PLANNED" in codes
    due: dict[str, Any] = {"effectiveness_due_on": clock.today()}
    row = await capa_records.capa(CapaStatus.EFFECTIVENESS, sources=[finding], **due)
    await capa_records.action(row, ActionStatus.DONE, **follow_up)
    await capa_records.proof(row)
    closing: dict[str, Any] = {"result": "EFFECTIVE", "signature": signature("VERIFIED")}
    async with verifier.signed_in() as client, worker.signed_in() as theirs:
        async with unchanged(company):
            undone = await take(client, "capaClose", row, **closing)
            assert blockers(undone) == [("ACTIONS_DONE", row.public_id)]
        done = await capa_records.action(row, ActionStatus.DONE, owner_id=worker.user_id)
        async with unchanged(company):
            refused = await take(theirs, "capaClose", row, **closing)
            assert blockers(refused) == [("VERIFIER_DIFFERS", done.public_id)]
        assert (await take(client, "capaClose", row, **closing))["errors"] == []


async def test_the_evidence_that_a_major_was_closed_on_stays(
    api: Client, capa_records: CapaRecords, verifier: Person
) -> None:
    finding = await major(capa_records)
    closed = {"closed_on": clock.today(), "verified_by_id": verifier.user_id}
    await capa_records.enter(finding, FindingStatus.CLOSED, **closed)
    items = (await api.ask("{ evidenceItems { nodes { id } } }"))["evidenceItems"]["nodes"]
    item = await capa_records.proof(finding)
    await capa_records.change(item, collected_by_id=verifier.user_id)
    gone = {"id": items[0]["id"], "expectedVersion": 1, "reason": "Another gauge."}
    payload = await api.do("evidenceItemWithdraw", "evidenceItem { id }", **gone)
    assert errors_of(payload) == [("BAD_USER_INPUT", "id")]


async def _without_effect(
    api: Client, company: Company, capa_records: CapaRecords, sources: list[Finding], end: str
) -> Capa:
    """Find a CAPA ineffective, have its problem recur, or reopen it; return it."""
    metric = {"effectiveness_metric": EffectivenessMetric.NO_RECURRENCE}
    status = CapaStatus.CLOSED if end == "capaReopen" else CapaStatus.EFFECTIVENESS
    started: dict[str, Any] = {"implemented_on": capa_records.days_ago(9), **metric}
    row = await capa_records.capa(status, sources=sources, **started)
    if end == "recheck":
        async with work_of(company, "capasRecheck") as work:
            assert [capa.id for capa in await transitions.record_recurrences(work)] == [row.id]
        return row
    note: dict[str, Any] = {"reason": "Again."} if end == "capaReopen" else {"resultNote": "Burrs."}
    assert (await take(api, end, row, **note))["errors"] == []
    return row


@pytest.mark.parametrize("end", ["capaRecordIneffective", "recheck", "capaReopen"])
async def test_a_capa_without_effect_reopens_its_closed_nonconformities(
    api: Client, company: Company, capa_records: CapaRecords, end: str
) -> None:
    clause = await capa_records.clause()
    async with work_of(company) as work:
        owner = company.owner.user_id
        audit = await work.add(factories.audit(AuditStatus.CLOSED, lead_auditor_id=owner))
    closed, open_ = FindingStatus.CLOSED, FindingStatus.VERIFICATION
    of_audit: dict[str, Any] = {"clause": clause, "audit_id": audit.id, "grade": FindingGrade.MAJOR}
    sources = [
        await capa_records.finding(closed, **of_audit),
        await capa_records.finding(closed),
        await capa_records.finding(closed, grade=FindingGrade.OBSERVATION),
        await capa_records.finding(open_),
    ]
    await capa_records.finding(clause=clause, detected_on=capa_records.days_ago(2))
    row = await _without_effect(api, company, capa_records, sources, end)
    now = [await capa_records.now(finding) for finding in sources]
    states = [FindingStatus.ANALYSIS, FindingStatus.ANALYSIS, closed, open_]
    assert [finding.status for finding in now] == states
    assert [finding.reopen_count for finding in now] == [1, 1, 0, 0]
    document = "query ($id: ID!) { finding(by: {id: $id}) { history { nodes { reason } } } }"
    history = (await api.ask(document, id=sources[0].public_id))["finding"]["history"]["nodes"]
    ending = "was reopened" if end == "capaReopen" else "was found ineffective"
    assert history[-1] == {"reason": f"{row.reference} {ending}."}
    assert (await capa_records.now(audit)).status is AuditStatus.CLOSED


async def test_a_reopened_major_is_not_closed_again_on_the_capas_of_before(
    company: Company, capa_records: CapaRecords, verifier: Person
) -> None:
    """On those that are closed in another round, or on another one."""
    finding = await major(capa_records)
    row = await capa_records.capa(CapaStatus.CLOSED, sources=[finding])
    unsigned = ("SIGNATURE", finding.public_id)
    assert await closure(verifier, finding) == [unsigned]
    closed = {"closed_on": clock.today(), "verified_by_id": verifier.user_id}
    await capa_records.enter(finding, FindingStatus.CLOSED, **closed)
    for status in (FindingStatus.ANALYSIS, FindingStatus.VERIFICATION):
        await capa_records.enter(finding, status, closed_on=None, verified_by_id=None)
    await capa_records.proof(finding)
    assert await closure(verifier, finding) == [("CAPA_EFFECTIVE", finding.public_id), unsigned]
    for step in (CapaStatus.ANALYSIS, CapaStatus.CLOSED):
        await capa_records.enter(row, step)
    assert await closure(verifier, finding) == [unsigned]


async def test_no_link_of_a_major_is_changed_to_evade_its_capa(
    api: Client, capa_records: CapaRecords, verifier: Person
) -> None:
    """Neither unlinked by an owner or in silence, nor linked late, nor is the CAPA cancelled."""
    finding = await capa_records.finding(grade=FindingGrade.MAJOR)
    other = await capa_records.finding()
    row = await capa_records.capa(CapaStatus.PLANNED, sources=[finding, other])
    link = {"id": row.public_id, "expectedVersion": 1, "findingId": finding.public_id}
    async with unchanged(capa_records.company):
        refused = await api.do("capaUnlinkFinding", **link, reason="Not mine.")
        assert errors_of(refused) == [("FORBIDDEN", "findingId")]
    async with verifier.signed_in() as client:
        assert errors_of(await client.do("capaUnlinkFinding", **link)) == [("REQUIRED", "reason")]
        assert (await client.do("capaUnlinkFinding", **link, reason="A slip."))["errors"] == []
    owned: dict[str, Any] = {"owner_id": capa_records.company.owner.user_id}
    conceded = await capa_records.finding(FindingStatus.ACCEPTED, grade=FindingGrade.MAJOR, **owned)
    row = await capa_records.capa(CapaStatus.PLANNED, sources=[conceded, other])
    of_conceded = {"id": row.public_id, "expectedVersion": 1, "findingId": conceded.public_id}
    refused = await api.do("capaUnlinkFinding", **of_conceded, reason="Not mine.")
    assert errors_of(refused) == [("FORBIDDEN", "findingId")]
    for status, path in ((CapaStatus.IMPLEMENTING, "findingId"), (CapaStatus.EFFECTIVENESS, "id")):
        late = await capa_records.capa(status)
        payload = await api.do("capaLinkFinding", **{**link, "id": late.public_id})
        assert errors_of(payload) == [("BAD_USER_INPUT", path)]
    done = await capa_records.finding(FindingStatus.CLOSED, grade=FindingGrade.MAJOR)
    other = await capa_records.finding(FindingStatus.CLOSED)
    row = await capa_records.capa(CapaStatus.EFFECTIVENESS, sources=[done, other])
    async with unchanged(capa_records.company):
        for one in (done, other):
            link = {"id": row.public_id, "expectedVersion": 1, "findingId": one.public_id}
            assert errors_of(await api.do("capaUnlinkFinding", **link, reason="x")) == [
                ("BAD_USER_INPUT", "findingId")
            ]
        cancelled = await take(api, "capaCancel", row, reason="Not worth it.")
        assert blockers(cancelled) == [("OPEN_MAJOR_SOURCE", done.public_id)]

"""The steps of a CAPA: what each sets, what is in the way, and what frees it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.actions.model import ActionStatus
from qgp.capas.model import Capa, CapaRound
from qgp.capas.model.terms import (
    AnalysisStatus,
    CapaPriority,
    CapaStatus,
    EffectivenessMetric,
)
from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.status_history import StatusEvent
from tests import factories
from tests.capas.capa_records import CapaRecords, blockers, errors_of, take
from tests.company import Client, Company, signature, subject_id
from tests.evidence import unchanged
from tests.kit.work import work_of

DEFINED: dict[str, Any] = {
    "effectiveness_criteria": "No burr in 1000 parts.",
    "effectiveness_metric": EffectivenessMetric.SAMPLE,
}
Blockers = list[tuple[str, str | None]]


async def refusal(
    api: Client, capa_records: CapaRecords, step: str, row: Any, **more: Any
) -> Blockers:
    """Take a step that must be refused as was announced, and change nothing."""
    async with unchanged(capa_records.company):
        codes = blockers(await take(api, step, row, **more))
    assert codes == await announced(api, step, row)
    return codes


async def announced(api: Client, step: str, row: Any) -> Blockers:
    """Return what the record says is in the way of a step."""
    document = """query ($id: ID!) { capa(by: {id: $id}) {
        availableTransitions { name isAllowed blockers { code subject { id } } } } }"""
    moves = (await api.ask(document, id=row.public_id))["capa"]["availableTransitions"]
    (move,) = (move for move in moves if move["name"] == step)
    assert move["isAllowed"] == (move["blockers"] == [])
    return [(blocker["code"], subject_id(blocker)) for blocker in move["blockers"]]


async def passes(api: Client, step: str, row: Any, status: CapaStatus, **more: Any) -> Any:
    """Take a step that must succeed and return the CAPA."""
    payload = await take(api, step, row, **more)
    assert payload["errors"] == []
    assert payload["capa"]["status"] == status
    return payload["capa"]


async def test_source_and_owner_are_there_before_it_is_opened(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await capa_records.capa(owner_id=None)
    both = [("OWNER", row.public_id), ("SOURCE", row.public_id)]
    assert await refusal(api, capa_records, "capaOpen", row) == both
    row = await capa_records.change(row, owner_id=capa_records.company.owner.user_id)
    assert await refusal(api, capa_records, "capaOpen", row) == both[1:]
    row = await capa_records.change(row, source_justification="The market asks.")
    await passes(api, "capaOpen", row, CapaStatus.OPEN)
    row = await capa_records.capa(sources=[await capa_records.finding()])
    await passes(api, "capaOpen", row, CapaStatus.OPEN)


async def test_analysis_begins_once_it_is_open(api: Client, capa_records: CapaRecords) -> None:
    await passes(
        api, "capaStartAnalysis", await capa_records.capa(CapaStatus.OPEN), CapaStatus.ANALYSIS
    )


async def test_the_cause_is_known_before_it_is_planned(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await capa_records.capa(CapaStatus.ANALYSIS)
    missing = [("RCA_COMPLETED", row.public_id)]
    assert await refusal(api, capa_records, "capaStartPlanning", row) == missing
    draft = await capa_records.analysis(row, AnalysisStatus.DRAFT, nodes=1)
    assert await refusal(api, capa_records, "capaStartPlanning", row) == missing
    done = await api.do("rootCauseAnalysisComplete", id=draft.public_id, expectedVersion=1)
    assert done["errors"] == []
    await passes(api, "capaStartPlanning", row, CapaStatus.PLANNED)
    ids_by_name = await capa_records.capa(
        CapaStatus.ANALYSIS, cause_known_reason="Seen on the bench."
    )
    await passes(api, "capaStartPlanning", ids_by_name, CapaStatus.PLANNED)


async def test_the_sentence_names_both_ways_to_know_a_cause(
    api: Client, capa_records: CapaRecords
) -> None:
    payload = await take(api, "capaStartPlanning", await capa_records.capa(CapaStatus.ANALYSIS))
    (told_,) = payload["errors"][0]["blockers"]
    assert "root cause analysis" in told_["message"]
    assert "causeKnownReason" in told_["message"]


async def test_an_analysis_of_an_earlier_round_counts_no_more(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await capa_records.capa(CapaStatus.ANALYSIS, round=2)
    await capa_records.analysis(row, round=1)
    assert await refusal(api, capa_records, "capaStartPlanning", row) == [
        ("RCA_COMPLETED", row.public_id)
    ]
    await capa_records.analysis(row, round=2)
    await passes(api, "capaStartPlanning", row, CapaStatus.PLANNED)


async def test_actions_and_criteria_are_there_before_it_is_implemented(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await capa_records.capa(CapaStatus.PLANNED)
    both = [("ACTIONS_PLANNED", row.public_id), ("EFFECTIVENESS_DEFINED", row.public_id)]
    assert await refusal(api, capa_records, "capaReleasePlan", row) == both
    await capa_records.action(row, ActionStatus.CANCELLED)
    row = await capa_records.change(row, effectiveness_criteria="No burr.")
    assert await refusal(api, capa_records, "capaReleasePlan", row) == both
    row = await capa_records.change(row, effectiveness_metric=EffectivenessMetric.KPI)
    assert await refusal(api, capa_records, "capaReleasePlan", row) == both[:1]
    await capa_records.action(row)
    await passes(api, "capaReleasePlan", row, CapaStatus.IMPLEMENTING)


@pytest.mark.parametrize("priority", CapaPriority)
async def test_quality_approves_what_is_urgent(
    capa_records: CapaRecords, priority: CapaPriority
) -> None:
    worker = await capa_records.company.hire(Role.PROCESS_OWNER)
    row = await capa_records.capa(
        CapaStatus.PLANNED, priority=priority, owner_id=worker.user_id, **DEFINED
    )
    await capa_records.action(row)
    is_urgent = priority in {CapaPriority.HIGH, CapaPriority.CRITICAL}
    async with worker.signed_in() as api:
        if not is_urgent:
            await passes(api, "capaReleasePlan", row, CapaStatus.IMPLEMENTING)
            return
        blocked_by = await refusal(api, capa_records, "capaReleasePlan", row)
        assert blocked_by == [("QM_APPROVAL", row.public_id), ("SIGNATURE", row.public_id)]
    async with (await capa_records.company.hire(Role.QUALITY_MANAGER)).signed_in() as api:
        unsigned = await refusal(api, capa_records, "capaReleasePlan", row)
        assert unsigned == [("SIGNATURE", row.public_id)]
        proof = {"signature": signature("APPROVED")}
        await passes(api, "capaReleasePlan", row, CapaStatus.IMPLEMENTING, **proof)


FURTHER = {
    "riskReviewNote": ("isRiskReviewRequired", "RISK_REVIEWED", "capaReleasePlan"),
    "documentChangeNote": (
        "isDocumentChangeRequired",
        "DOCS_PUBLISHED",
        "capaSubmitForVerification",
    ),
    "trainingNote": ("isTrainingRequired", "TRAINING_DONE", "capaSubmitForVerification"),
}


@pytest.mark.parametrize("note", FURTHER)
async def test_a_required_note_blocks_the_transition_until_it_is_recorded(
    api: Client, capa_records: CapaRecords, note: str
) -> None:
    """Nobody asks for it by itself; once it is led on, what was told stays, until it fails."""
    flag, code, step = FURTHER[note]
    before, after = {
        "capaReleasePlan": (CapaStatus.PLANNED, CapaStatus.IMPLEMENTING),
        "capaSubmitForVerification": (CapaStatus.IMPLEMENTING, CapaStatus.VERIFICATION),
    }[step]
    row = await capa_records.capa(before, **DEFINED)
    action = await capa_records.action(row, ActionStatus.DONE)
    row = await written(api, capa_records, row, **{flag: True})
    assert await refusal(api, capa_records, step, row) == [(code, row.public_id)]
    row = await written(api, capa_records, row, **{note: "Revision 7."})
    shown = await passes(api, step, row, after)
    for change in ({note: None}, {flag: False}):
        async with unchanged(capa_records.company):
            payload = await api.do(
                "capaUpdate", id=row.public_id, expectedVersion=shown["version"], **change
            )
        told_ = [(error["code"], error["path"]) for error in payload["errors"]]
        assert told_ == [("BAD_USER_INPUT", [*change])]
    row = await capa_records.enter(await capa_records.now(row), CapaStatus.EFFECTIVENESS)
    await capa_records.change(action, completed_at=clock.now())
    await passes(api, "capaRecordIneffective", row, CapaStatus.ANALYSIS, resultNote="Burrs.")
    document = f"query ($id: ID!) {{ capa(by: {{id: $id}}) {{ {flag} {note} }} }}"
    assert (await api.ask(document, id=row.public_id))["capa"] == {flag: True, note: None}


async def written(api: Client, capa_records: CapaRecords, row: Capa, **changes: Any) -> Any:
    """Change a CAPA by its command, and return it as it is then."""
    payload = await api.do("capaUpdate", id=row.public_id, expectedVersion=row.version, **changes)
    assert payload["errors"] == []
    return await capa_records.now(row)


LED_ON: dict[str, tuple[CapaStatus, CapaStatus, dict[str, Any]]] = {
    "capaSubmitForVerification": (CapaStatus.IMPLEMENTING, CapaStatus.VERIFICATION, {}),
    "capaConfirmImplementation": (CapaStatus.VERIFICATION, CapaStatus.EFFECTIVENESS, {}),
    "capaClose": (CapaStatus.EFFECTIVENESS, CapaStatus.CLOSED, {"result": "EFFECTIVE"}),
}


async def led_on(capa_records: CapaRecords, step: str, **facts: Any) -> Capa:
    """A CAPA that nothing but its actions keeps from the step; others have it."""
    other = await capa_records.company.hire(Role.QUALITY_MANAGER)
    row = await capa_records.capa(LED_ON[step][0], owner_id=other.user_id, **facts)
    await capa_records.proof(row)
    return row


@pytest.mark.parametrize("is_verified", [False, True], ids=["done", "verified"])
@pytest.mark.parametrize("status", ActionStatus)
@pytest.mark.parametrize("step", LED_ON)
async def test_actions_are_done_before_it_is_led_on(
    api: Client, capa_records: CapaRecords, step: str, status: ActionStatus, is_verified: bool
) -> None:
    row = await led_on(capa_records, step)
    theirs = {"owner_id": row.owner_id}
    await capa_records.action(row, ActionStatus.DONE, **theirs)
    action = await capa_records.action(row, status, is_verification_required=is_verified, **theirs)
    await capa_records.action(await capa_records.capa(CapaStatus.IMPLEMENTING))
    over = {ActionStatus.VERIFIED, ActionStatus.CANCELLED}
    if status in (over if is_verified else {*over, ActionStatus.DONE}):
        await passes(api, step, row, LED_ON[step][1], **LED_ON[step][2])
        if step == "capaSubmitForVerification":
            assert (await capa_records.now(row)).implemented_on == clock.today()
    else:
        blocked_by = await refusal(api, capa_records, step, row, **LED_ON[step][2])
        assert blocked_by == [("ACTIONS_DONE", action.public_id)]


@pytest.mark.parametrize("step", LED_ON)
async def test_a_plan_that_was_given_up_is_none(
    api: Client, capa_records: CapaRecords, step: str
) -> None:
    row = await led_on(capa_records, step)
    await capa_records.action(row, ActionStatus.CANCELLED, owner_id=row.owner_id)
    more = LED_ON[step][2]
    assert await refusal(api, capa_records, step, row, **more) == [("ACTIONS_DONE", row.public_id)]
    await capa_records.action(row, ActionStatus.DONE, owner_id=row.owner_id)
    await passes(api, step, row, LED_ON[step][1], **more)


async def test_what_an_earlier_round_did_is_not_done_in_this(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await led_on(capa_records, "capaClose")
    await capa_records.action(row, ActionStatus.DONE, owner_id=row.owner_id)
    failed = await passes(
        api, "capaRecordIneffective", row, CapaStatus.ANALYSIS, resultNote="Burrs."
    )
    assert failed["round"] == 2
    row = await capa_records.enter(row, CapaStatus.IMPLEMENTING)
    assert await refusal(api, capa_records, "capaSubmitForVerification", row) == [
        ("ACTIONS_DONE", row.public_id)
    ]
    await capa_records.action(row, ActionStatus.VERIFIED, owner_id=row.owner_id)
    await passes(api, "capaSubmitForVerification", row, CapaStatus.VERIFICATION)


async def test_the_verifier_took_no_part(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    other = await company.hire(Role.QUALITY_MANAGER)
    own_record = await capa_records.capa(CapaStatus.VERIFICATION)
    await capa_records.proof(own_record)
    await capa_records.action(own_record, ActionStatus.DONE, owner_id=other.user_id)
    assert await refusal(api, capa_records, "capaConfirmImplementation", own_record) == [
        ("VERIFIER_DIFFERS", None)
    ]
    row = await capa_records.capa(CapaStatus.VERIFICATION, owner_id=other.user_id, window_days=30)
    await capa_records.proof(row)
    action = await capa_records.action(row, ActionStatus.DONE)
    blocked_by = await refusal(api, capa_records, "capaConfirmImplementation", row)
    assert blocked_by == [("VERIFIER_DIFFERS", action.public_id)]
    await capa_records.change(action, owner_id=other.user_id, completed_by_id=company.owner.user_id)
    blocked_by = await refusal(api, capa_records, "capaConfirmImplementation", row)
    assert blocked_by == [("VERIFIER_DIFFERS", action.public_id)]
    third = await company.hire(Role.QUALITY_MANAGER)
    async with third.signed_in() as eyes:
        await passes(eyes, "capaConfirmImplementation", row, CapaStatus.EFFECTIVENESS)
    now = await capa_records.now(row)
    assert now.effectiveness_due_on == clock.today() + timedelta(days=30)
    assert now.verified_by_id == third.user_id


async def test_something_shows_what_was_done_before_effect_is_awaited(
    api: Client, capa_records: CapaRecords, company: Company
) -> None:
    other = await company.hire(Role.QUALITY_MANAGER)
    missing = "EVIDENCE"
    for is_of_action in (False, True):
        row = await capa_records.capa(CapaStatus.VERIFICATION, owner_id=other.user_id)
        action = await capa_records.action(row, ActionStatus.DONE, owner_id=other.user_id)
        await capa_records.proof(await capa_records.capa())
        await capa_records.proof(row, is_withdrawn=True)
        blocked_by = await refusal(api, capa_records, "capaConfirmImplementation", row)
        assert blocked_by == [(missing, row.public_id)]
        await capa_records.proof(action if is_of_action else row)
        await passes(api, "capaConfirmImplementation", row, CapaStatus.EFFECTIVENESS)


async def watched(capa_records: CapaRecords, ends_in: int = 0, **facts: Any) -> Capa:
    """A CAPA that an employee carried out and whose window ends in so many days."""
    due = clock.today() + timedelta(days=ends_in)
    row = await capa_records.capa(
        CapaStatus.EFFECTIVENESS, **{"effectiveness_due_on": due, **facts}
    )
    worker = await capa_records.company.hire(Role.EMPLOYEE)
    await capa_records.action(row, ActionStatus.DONE, owner_id=worker.user_id)
    await capa_records.proof(row)
    return row


async def test_the_window_ends_or_is_waived_before_it_is_closed(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await watched(capa_records, 1)
    blocked_by = await refusal(api, capa_records, "capaClose", row, result="EFFECTIVE")
    assert blocked_by == [("WINDOW_ELAPSED", row.public_id)]
    why = "The part is out of production."
    created = await passes(
        api, "capaClose", row, CapaStatus.CLOSED, result="EFFECTIVE", waiverReason=why
    )
    assert created["version"] == 2
    now = await capa_records.now(row)
    assert (now.waiver_reason, now.result, now.closed_on) == (why, "EFFECTIVE", clock.today())
    row = await watched(capa_records)
    await passes(api, "capaClose", row, CapaStatus.CLOSED, result="EFFECTIVE", waiverReason=why)
    assert (await capa_records.now(row)).waiver_reason is None


async def test_what_waited_for_it_is_closed_with_it(api: Client, capa_records: CapaRecords) -> None:
    owner, waiting = capa_records.company.owner.user_id, FindingStatus.VERIFICATION
    ready, busy = (
        await capa_records.finding(waiting),
        await capa_records.finding(FindingStatus.ACTION),
    )
    own_record = await capa_records.finding(waiting, owner_id=owner)
    major = await capa_records.finding(waiting, grade=FindingGrade.MAJOR)
    shared, unproven = await capa_records.finding(waiting), await capa_records.finding(waiting)
    for finding in (ready, busy, own_record, major, shared):
        await capa_records.proof(finding)
    await capa_records.capa(CapaStatus.IMPLEMENTING, sources=[shared])
    other = await capa_records.company.hire(Role.QUALITY_MANAGER)
    sources = [ready, busy, own_record, major, shared, unproven]
    row = await watched(capa_records, sources=sources, owner_id=other.user_id)
    signed = signature("VERIFIED")
    values = {"result": "EFFECTIVE", "resultNote": "No burr since."}
    await passes(api, "capaClose", row, CapaStatus.CLOSED, **values, signature=signed)
    closed = await capa_records.now(ready)
    assert (closed.status, closed.closed_on) == (FindingStatus.CLOSED, clock.today())
    assert (closed.verified_by_id, closed.version) == (owner, 2)
    left = [
        (await capa_records.now(finding)).status
        for finding in (busy, own_record, major, shared, unproven)
    ]
    assert left == [FindingStatus.ACTION, *[waiting] * 4]
    document = "query ($id: ID!) { node(id: $id) { ... on %s { history { nodes { reason } } } } }"
    for kind, record, reason in (
        ("Capa", row, "No burr since."),
        ("Finding", ready, "The corrective action was effective."),
    ):
        values = (await api.ask(document % kind, id=record.public_id))["node"]["history"]["nodes"]
        assert values[-1] == {"reason": reason}
    count = "{ signatures { totalCount } }"
    assert (await api.ask(count))["signatures"]["totalCount"] == 1


async def test_a_later_round_needs_a_plan_of_its_own(
    api: Client, capa_records: CapaRecords
) -> None:
    row = await capa_records.capa(
        CapaStatus.PLANNED, round=2, actions=[ActionStatus.DONE], **DEFINED
    )
    blocked_by = await refusal(api, capa_records, "capaReleasePlan", row)
    assert blocked_by == [("ACTIONS_PLANNED", row.public_id)]
    await capa_records.action(row)
    await passes(api, "capaReleasePlan", row, CapaStatus.IMPLEMENTING)


async def test_only_what_worked_is_closed(api: Client, capa_records: CapaRecords) -> None:
    row = await watched(capa_records)
    async with unchanged(capa_records.company):
        payload = await take(api, "capaClose", row, result="INEFFECTIVE", resultNote="Burrs.")
        assert errors_of(payload) == [("BAD_USER_INPUT", "result")]
        payload = await take(api, "capaClose", row, result="PARTIAL")
        assert errors_of(payload) == [("REQUIRED", "resultNote")]
    values = {"result": "PARTIAL", "resultNote": "One in 5000 is good enough."}
    await passes(api, "capaClose", row, CapaStatus.CLOSED, **values)
    now = await capa_records.now(row)
    assert (now.result, now.result_note) == ("PARTIAL", values["resultNote"])


Change = Callable[[CapaRecords, dict[str, Any]], Awaitable[None]]


async def _another_clause(capa_records: CapaRecords, facts: dict[str, Any]) -> None:
    facts["clause"] = await capa_records.clause()


async def _no_clause(_: CapaRecords, facts: dict[str, Any]) -> None:
    facts["clause"] = None


async def _before(capa_records: CapaRecords, facts: dict[str, Any]) -> None:
    facts["detected_on"] = capa_records.days_ago(11)


async def _good_practice(_: CapaRecords, facts: dict[str, Any]) -> None:
    facts["grade"] = FindingGrade.GOOD_PRACTICE


async def _void(_: CapaRecords, facts: dict[str, Any]) -> None:
    facts["status"] = FindingStatus.VOID


async def _elsewhere(_: CapaRecords, facts: dict[str, Any]) -> None:
    facts["process_id"] = None


async def _other_cause(_: CapaRecords, facts: dict[str, Any]) -> None:
    facts["cause_category_id"] = None


DIFFERENCES = [
    *(_another_clause, _no_clause, _before, _good_practice, _void, _elsewhere, _other_cause),
]


async def _alike(capa_records: CapaRecords) -> dict[str, Any]:
    """What two findings share that are the same thing happening again."""
    async with work_of(capa_records.company) as work:
        process = await work.add(factories.process())
        cause = await work.add(factories.cause_category())
    return {
        "clause": await capa_records.clause(),
        "process_id": process.id,
        "cause_category_id": cause.id,
        "status": FindingStatus.OPEN,
    }


@pytest.mark.parametrize("metric", EffectivenessMetric)
async def test_what_recurs_is_not_closed(
    api: Client, capa_records: CapaRecords, metric: EffectivenessMetric
) -> None:
    alike = await _alike(capa_records)
    source = await capa_records.finding(**alike, detected_on=capa_records.days_ago(10))
    row = await watched(
        capa_records,
        sources=[source, await capa_records.finding()],
        implemented_on=capa_records.days_ago(10),
        effectiveness_metric=metric,
    )
    again = await capa_records.finding(**alike, detected_on=capa_records.days_ago(10))
    if metric is not EffectivenessMetric.NO_RECURRENCE:
        await passes(api, "capaClose", row, CapaStatus.CLOSED, result="EFFECTIVE")
        return
    blocked_by = await refusal(
        api, capa_records, "capaClose", row, result="EFFECTIVE", waiverReason="No time."
    )
    assert blocked_by == [("NO_RECURRENCE", again.public_id)]
    later = await capa_records.finding(**alike, detected_on=capa_records.days_ago(2))
    blocked_by = await refusal(api, capa_records, "capaClose", row, result="EFFECTIVE")
    assert blocked_by == [("NO_RECURRENCE", again.public_id), ("NO_RECURRENCE", later.public_id)]
    await passes(
        api, "capaRecordIneffective", row, CapaStatus.ANALYSIS, resultNote="It came again."
    )


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "same clause. "),
        (("process_id",), "same clause and process. "),
        (("cause_category_id",), "same clause and cause. "),
        (("process_id", "cause_category_id"), "same clause, process and cause. "),
    ],
)
async def test_only_what_is_the_same_is_named(
    api: Client, capa_records: CapaRecords, names: tuple[str, ...], message: str
) -> None:
    alike = await _alike(capa_records)
    alike |= {n: None for n in ("process_id", "cause_category_id") if n not in names}
    source = await capa_records.finding(**alike, detected_on=capa_records.days_ago(10))
    facts: dict[str, Any] = {"effectiveness_metric": EffectivenessMetric.NO_RECURRENCE}
    row = await watched(
        capa_records, sources=[source], implemented_on=capa_records.days_ago(10), **facts
    )
    await capa_records.finding(**alike, detected_on=capa_records.days_ago(2))
    (error,) = (await take(api, "capaClose", row, result="EFFECTIVE"))["errors"]
    assert message in error["blockers"][0]["message"]


@pytest.mark.parametrize("grade", [FindingGrade.MAJOR, FindingGrade.MINOR])
async def test_what_a_major_source_led_to_is_closed_by_signature(
    api: Client, capa_records: CapaRecords, grade: FindingGrade
) -> None:
    other = await capa_records.company.hire(Role.QUALITY_MANAGER)
    sources = [await capa_records.finding(), await capa_records.finding(grade=grade)]
    row = await watched(capa_records, sources=sources, owner_id=other.user_id)
    if grade is FindingGrade.MINOR:
        await passes(api, "capaClose", row, CapaStatus.CLOSED, result="EFFECTIVE")
        return
    async with other.signed_in() as owner:
        blocked_by = await refusal(owner, capa_records, "capaClose", row, result="EFFECTIVE")
        assert blocked_by == [("VERIFIER_DIFFERS", row.public_id), ("SIGNATURE", row.public_id)]
    blocked_by = await refusal(api, capa_records, "capaClose", row, result="EFFECTIVE")
    assert blocked_by == [("SIGNATURE", row.public_id)]
    signed = {"result": "EFFECTIVE", "signature": signature("VERIFIED")}
    await passes(api, "capaClose", row, CapaStatus.CLOSED, **signed)
    document = """query ($id: ID!) { capa(by: {id: $id}) { version signatures { nodes {
        meaning subjectVersion state } } } }"""
    shown = (await api.ask(document, id=row.public_id))["capa"]
    values = {"meaning": "VERIFIED", "subjectVersion": shown["version"], "state": "VALID"}
    assert shown["signatures"]["nodes"] == [values]


@pytest.mark.parametrize("differ", DIFFERENCES, ids=lambda change: change.__name__.strip("_"))
async def test_what_differs_is_no_recurrence(
    api: Client, capa_records: CapaRecords, differ: Change
) -> None:
    alike = await _alike(capa_records)
    source = await capa_records.finding(**alike, detected_on=capa_records.days_ago(30))
    row = await watched(
        capa_records,
        sources=[source],
        implemented_on=capa_records.days_ago(10),
        effectiveness_metric=EffectivenessMetric.NO_RECURRENCE,
    )
    await differ(capa_records, alike)
    await capa_records.finding(**{"detected_on": capa_records.days_ago(5), **alike})
    await passes(api, "capaClose", row, CapaStatus.CLOSED, result="EFFECTIVE")


async def test_a_failed_round_is_kept_and_another_begins(
    api: Client, capa_records: CapaRecords
) -> None:
    verifier = await capa_records.company.hire(Role.QUALITY_MANAGER)
    row = await watched(
        capa_records,
        40,
        cause_known_reason="We thought so.",
        implemented_on=capa_records.days_ago(50),
        verified_by_id=verifier.user_id,
    )
    note = "Burrs on 4 of 200."
    created = await passes(api, "capaRecordIneffective", row, CapaStatus.ANALYSIS, resultNote=note)
    assert (created["round"], created["version"]) == (2, 2)
    document = """query ($id: ID!) { capa(by: {id: $id}) { result resultNote causeKnownReason
        implementedOn effectivenessDueOn verifiedBy { id } rounds { number result note
        implementedOn endedOn verifiedBy { id } capa { id } } } }"""
    assert (await api.ask(document, id=row.public_id))["capa"] == {
        "result": "INEFFECTIVE",
        "resultNote": note,
        "causeKnownReason": None,
        "implementedOn": None,
        "effectivenessDueOn": None,
        "verifiedBy": None,
        "rounds": [
            {
                "number": 1,
                "result": "INEFFECTIVE",
                "note": note,
                "implementedOn": capa_records.days_ago(50).isoformat(),
                "endedOn": clock.today().isoformat(),
                "verifiedBy": {"id": verifier.id},
                "capa": {"id": row.public_id},
            }
        ],
    }
    async with work_of(capa_records.company) as work:
        events = sa.select(StatusEvent.reason).where(StatusEvent.entity_id == row.id)
        assert (await work.rows(events.order_by(StatusEvent.at)))[-1] == note


async def test_a_closed_capa_is_taken_up_again(api: Client, capa_records: CapaRecords) -> None:
    row = await capa_records.capa(CapaStatus.CLOSED, result_note="All well.", round=3)
    async with unchanged(capa_records.company):
        payload = await take(api, "capaReopen", row, reason=" ")
        assert errors_of(payload) == [("REQUIRED", "reason")]
    created = await passes(api, "capaReopen", row, CapaStatus.ANALYSIS, reason="Burrs again.")
    assert created["round"] == 4
    async with work_of(capa_records.company) as work:
        rounds = await work.rows(sa.select(CapaRound).where(CapaRound.capa_id == row.id))
    assert [(r.number, r.result, r.note) for r in rounds] == [(3, "EFFECTIVE", "All well.")]
    assert (await capa_records.now(row)).closed_on is None


SETTLED = {FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VOID}


@pytest.mark.parametrize("status", FindingStatus)
async def test_a_major_source_keeps_a_capa_from_being_cancelled(
    api: Client, capa_records: CapaRecords, status: FindingStatus
) -> None:
    major = await capa_records.finding(status, grade=FindingGrade.MAJOR)
    row = await capa_records.capa(CapaStatus.OPEN, sources=[await capa_records.finding(), major])
    if status in SETTLED:
        await passes(api, "capaCancel", row, CapaStatus.CANCELLED, reason="Not worth it.")
        return
    blocked_by = await refusal(api, capa_records, "capaCancel", row, reason="Not worth it.")
    assert blocked_by == [("OPEN_MAJOR_SOURCE", major.public_id)]
    await capa_records.change(major, grade=FindingGrade.MINOR)
    await passes(api, "capaCancel", row, CapaStatus.CANCELLED, reason="Not worth it.")

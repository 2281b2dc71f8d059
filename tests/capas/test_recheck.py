"""Once a day the server looks itself whether a problem came again."""

from typing import Any

from qgp.capas.commands import transitions
from qgp.capas.model.terms import CapaStatus, EffectivenessMetric
from tests.capas.capa_records import CapaRecords
from tests.command_line import Command
from tests.company import Client, Company
from tests.kit.work import work_of

SHOWN = """query ($id: ID!) { capa(by: {id: $id}) { status round result resultNote
    rounds { number result note verifiedBy { id } } history { nodes { reason } } } }"""
SEEN = {
    "effectiveness_metric": EffectivenessMetric.NO_RECURRENCE,
    "effectiveness_criteria": "None.",
}


async def test_a_problem_that_came_again_begins_another_round(
    api: Client, company: Company, capa_records: CapaRecords
) -> None:
    facts: dict[str, Any] = {**SEEN, "implemented_on": capa_records.days_ago(10)}
    clauses = [await capa_records.clause() for _ in "123"]
    sources = [await capa_records.finding(clause=clause) for clause in clauses]
    failed, judged, fine = [
        await capa_records.capa(CapaStatus.EFFECTIVENESS, sources=[source], **(facts | more))
        for source, more in zip(
            sources, ({}, {"effectiveness_metric": EffectivenessMetric.KPI}, {}), strict=True
        )
    ]
    await capa_records.finding(clause=clauses[0], detected_on=capa_records.days_ago(2))
    await capa_records.finding(clause=clauses[1])
    async with work_of(company, "capasRecheck") as work:
        assert [row.id for row in await transitions.record_recurrences(work)] == [failed.id]
    shown = (await api.ask(SHOWN, id=failed.public_id))["capa"]
    day = capa_records.days_ago(2).isoformat()
    message = f"A similar finding was detected on {day}, since the "
    message += "implementation, with the same clause."
    assert shown == {
        "status": "ANALYSIS",
        "round": 2,
        "result": "INEFFECTIVE",
        "resultNote": message,
        "rounds": [{"number": 1, "result": "INEFFECTIVE", "note": message, "verifiedBy": None}],
        "history": {"nodes": [{"reason": None}, {"reason": None}, {"reason": message}]},
    }
    for row in (judged, fine):
        assert (await api.ask(SHOWN, id=row.public_id))["capa"]["round"] == 1
    async with work_of(company, "capasRecheck") as work:
        assert await transitions.record_recurrences(work) == []


def test_the_operator_looks_once_a_day(qgp: Command, company: Company) -> None:
    done = qgp("capas", "recheck", "--organization", company.slug)
    assert (done.exit_code, done.stdout) == (0, "Ineffective: none.\n")
    done = qgp("capas", "recheck", "--organization", "nowhere")
    assert done.exit_code == 1
    assert "There is no organization nowhere." in done.stderr

"""What has come to its end takes no more actions, however they are written down."""

from datetime import date
from typing import Any

import pytest

from qgp.audits.model.terms import AuditResult, AuditStatus
from qgp.capas.model import Capa
from qgp.capas.model.terms import CapaResult, CapaStatus
from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from tests.actions.action_commands import DUE, attempt, audit, capa, finding, go, hand_out, show
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.kit.work import work_of

DAY = date(2026, 2, 1)
OF_FINDINGS: dict[FindingStatus, str] = {
    FindingStatus.VERIFICATION: (
        "Return it to corrective action first (findingRejectCorrectiveAction)."
    ),
    FindingStatus.CLOSED: "Reopen it first (findingReopen).",
    FindingStatus.ACCEPTED: "Revoke its concession first (findingRevokeConcession).",
    FindingStatus.VOID: "Choose a finding that is not VOID.",
}
OF_CAPAS: dict[CapaStatus, str] = {
    CapaStatus.EFFECTIVENESS: ("Record this round as ineffective first (capaRecordIneffective)."),
    CapaStatus.CLOSED: "Reopen it first (capaReopen).",
    CapaStatus.CANCELLED: "Choose a CAPA that has not ended.",
}
OF_AUDITS: dict[AuditStatus, str] = {
    AuditStatus.CLOSED: "Reopen it first (auditReopen), or choose one of its findings.",
    AuditStatus.CANCELLED: "Choose an audit that goes on.",
}


async def handed_out(
    api: Client, company: Company, parent: Any, path: str, reopening: str | None
) -> None:
    """Hand out an action of a parent by hand and by file, which is refused in these words."""
    values = {"title": "x", "kind": "CORRECTION", "ownerId": company.owner.id, "dueOn": DUE}
    column = path.removesuffix("Id")
    csv = f"title,kind,owner,dueOn,{column}\nx,CORRECTION,{company.owner.email},{DUE},"
    csv += f"{parent.reference}\n"
    shown = "created problems { column message }"
    message = f"{parent.reference} is {parent.status.value} and takes no actions. {reopening}"
    if reopening is None:
        payload = await api.do("actionCreate", **values, **{path: parent.public_id})
        assert payload["errors"] == []
        filed = await api.do("actionsImport", shown, csv=csv, isDryRun=False)
        assert (filed["created"], filed["problems"]) == (1, [])
        return
    async with unchanged(company):
        payload = await api.do("actionCreate", **values, **{path: parent.public_id})
        filed = await api.do("actionsImport", shown, csv=csv, isDryRun=False)
    (error,) = payload["errors"]
    assert (error["code"], error["path"], error["message"]) == ("BAD_USER_INPUT", [path], message)
    assert filed["problems"] == [{"column": column, "message": message}]


@pytest.mark.parametrize("status", FindingStatus)
async def test_a_finding_takes_actions_until_it_is_verified(
    api: Client, company: Company, status: FindingStatus
) -> None:
    ends = {"closed_on": DAY, "accepted_until": DAY}
    parent = await finding(company, status, **ends)
    await handed_out(api, company, parent, "findingId", OF_FINDINGS.get(status))


@pytest.mark.parametrize("status", CapaStatus)
async def test_a_capa_takes_actions_until_it_is_judged(
    api: Client, company: Company, status: CapaStatus
) -> None:
    ended = {"result": CapaResult.EFFECTIVE, "closed_on": DAY}
    parent = await capa(company, status, **(ended if status is CapaStatus.CLOSED else {}))
    await handed_out(api, company, parent, "capaId", OF_CAPAS.get(status))


@pytest.mark.parametrize("status", AuditStatus)
async def test_an_audit_takes_actions_until_it_ends(
    api: Client, company: Company, status: AuditStatus
) -> None:
    scored: dict[str, Any] = {
        "result": AuditResult.UNSCORED,
        "score_hash": "0" * 64,
        "completed_at": clock.now(),
    }
    parent = await audit(company, status, **scored, reported_on=DAY, closed_on=DAY)
    await handed_out(api, company, parent, "auditId", OF_AUDITS.get(status))


async def test_what_has_ended_keeps_its_actions_done(api: Client, company: Company) -> None:
    eve = await company.hire(Role.EMPLOYEE)
    parent = await capa(company, CapaStatus.IMPLEMENTING)
    id = await hand_out(api, eve.id, capaId=parent.public_id)
    async with eve.signed_in() as hers:
        version = await go(hers, id, "actionStart", "actionComplete")
    ended = {"result": CapaResult.EFFECTIVE, "closed_on": DAY}
    async with work_of(company) as work:
        row = await work.get(Capa, parent.id)
        row.enter(CapaStatus.CLOSED)
        await work.change(row, ended)
    async with unchanged(company):
        codes = await attempt(api, "actionReject", id, version, reason="Burrs.")
    assert codes == ["PARENT_ENDED"]
    shown = await show(api, id, "availableTransitions { name blockers { message subject { id } } }")
    values = {move["name"]: move["blockers"] for move in shown["availableTransitions"]}
    assert values["actionReject"] == [
        {
            "message": f"{parent.reference}, to which the action belongs, has ended. Reopen it "
            "first.",
            "subject": {"id": parent.public_id},
        }
    ]
    async with work_of(company) as work:
        row = await work.get(Capa, parent.id)
        row.enter(CapaStatus.VERIFICATION)
        await work.change(row, dict.fromkeys(ended))
    assert await attempt(api, "actionReject", id, version, reason="Burrs.") == []

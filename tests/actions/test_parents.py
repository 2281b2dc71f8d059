"""What has come to its end takes no more actions, however they are written down."""

from datetime import date
from typing import Any

import pytest

from qgp.capas.terms import CapaResult, CapaStatus
from qgp.findings.terms import FindingStatus
from tests.actions.office import DUE, capa, finding
from tests.company import Client, Company
from tests.evidence import unchanged

DAY = date(2026, 2, 1)
OF_FINDINGS: dict[FindingStatus, str] = {
    FindingStatus.VERIFICATION: "Send it back first (findingReject).",
    FindingStatus.CLOSED: "Reopen it first (findingReopen).",
    FindingStatus.ACCEPTED: "Take back its concession first (findingRevoke).",
    FindingStatus.VOID: "Choose a finding that stands.",
}
OF_CAPAS: dict[CapaStatus, str] = {
    CapaStatus.EFFECTIVENESS: "Say first that this round was ineffective (capaFail).",
    CapaStatus.CLOSED: "Reopen it first (capaReopen).",
    CapaStatus.CANCELLED: "Choose a CAPA that goes on.",
}


async def handed_out(
    api: Client, company: Company, parent: Any, path: str, way: str | None
) -> None:
    """Hand out an action of a parent by hand and by file, which is refused in these words."""
    given = {"title": "x", "kind": "CORRECTION", "ownerId": company.owner.id, "dueOn": DUE}
    column = path.removesuffix("Id")
    csv = f"title,kind,owner,dueOn,{column}\nx,CORRECTION,{company.owner.email},{DUE},"
    csv += f"{parent.reference}\n"
    shown = "created problems { column message }"
    told = f"{parent.reference} is {parent.status.value} and takes no actions. {way}"
    if way is None:
        payload = await api.do("actionCreate", **given, **{path: parent.public_id})
        assert payload["errors"] == []
        filed = await api.do("actionsImport", shown, csv=csv, isDryRun=False)
        assert (filed["created"], filed["problems"]) == (1, [])
        return
    async with unchanged(company):
        payload = await api.do("actionCreate", **given, **{path: parent.public_id})
        filed = await api.do("actionsImport", shown, csv=csv, isDryRun=False)
    (error,) = payload["errors"]
    assert (error["code"], error["path"], error["message"]) == ("BAD_USER_INPUT", [path], told)
    assert filed["problems"] == [{"column": column, "message": told}]


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

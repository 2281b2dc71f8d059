"""A finding waits for its actions before verification, and for its CAPAs before it is closed."""

from typing import Any

import pytest

from qgp.actions.model import Action, ActionStatus
from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import CapaStatus
from qgp.kit import ids
from tests import factories
from tests.company import Client, Company, Person, signature, subject_id
from tests.evidence import unchanged
from tests.findings.finding_commands import Place, at, blockers, done, read
from tests.kit.work import work_of

WAY = (
    "findingOpen",
    "findingRecordContainment",
    "findingStartAnalysis",
    "findingStartCorrectiveAction",
)
OFFERED = "availableTransitions { name blockers { code subject { id } } }"


async def offered(api: Client, finding: Any, step: str) -> list[tuple[str, str | None]]:
    """Return what is announced to be in the way of a step."""
    shown = (await read(api, finding, OFFERED))["availableTransitions"]
    (option,) = [option for option in shown if option["name"] == step]
    return [(blocker["code"], subject_id(blocker)) for blocker in option["blockers"]]


async def action(company: Company, place: Place, finding: Any, state: ActionStatus) -> Action:
    """Write an action of the finding that stands in the state."""
    about = ids.decode("fnd", finding["id"])
    async with work_of(company) as work:
        owner = ids.decode("usr", place.ids["owner"])
        return await work.add(factories.action(state, owner_id=owner, finding_id=about))


async def capa(company: Company, place: Place, finding: Any, state: CapaStatus) -> Capa:
    """Write a CAPA of the finding that stands in the state."""
    async with work_of(company) as work:
        row = await work.add(factories.capa(state, owner_id=ids.decode("usr", place.ids["owner"])))
        await work.add(CapaFinding(capa_id=row.id, finding_id=ids.decode("fnd", finding["id"])))
        return row


@pytest.mark.parametrize("state", ActionStatus)
async def test_a_finding_is_verified_when_its_actions_are_done(
    api: Client, company: Company, place: Place, state: ActionStatus
) -> None:
    finding = await place.walk(*WAY)
    await place.prove(finding)
    created = await action(company, place, finding, state)
    ready = {ActionStatus.DONE, ActionStatus.VERIFIED, ActionStatus.CANCELLED}
    codes = [] if state in ready else [("ACTIONS_DONE", created.public_id)]
    assert await offered(api, finding, "findingSubmitForVerification") == codes
    if not codes:
        await done(api, "findingSubmitForVerification", **at(finding))
        return
    async with unchanged(company):
        assert blockers(await api.do("findingSubmitForVerification", **at(finding))) == [
            "ACTIONS_DONE"
        ]


@pytest.mark.parametrize("state", CapaStatus)
async def test_a_finding_is_closed_when_its_capas_take_effect(
    api: Client, company: Company, place: Place, state: CapaStatus
) -> None:
    finding = await place.walk(*WAY, "findingSubmitForVerification")
    created = await capa(company, place, finding, state)
    code = "CAPA_IN_EFFECTIVENESS_OR_CLOSED"
    ready = {CapaStatus.EFFECTIVENESS, CapaStatus.CLOSED, CapaStatus.CANCELLED}
    codes = [] if state in ready else [(code, created.public_id)]
    unsigned = ("SIGNATURE", finding["id"])
    assert await offered(api, finding, "findingClose") == [*codes, unsigned]
    if not codes:
        await place.step(finding, "findingClose")
        return
    async with unchanged(company):
        signed = at(finding, signature=signature("VERIFIED"))
        assert blockers(await api.do("findingClose", **signed)) == [code]


async def test_a_nonconformity_is_verified_when_something_shows_what_was_done(
    api: Client, company: Company, place: Place, worker: Person
) -> None:
    finding = await place.walk(*WAY)
    missing = [("EVIDENCE", finding["id"])]
    assert await offered(api, finding, "findingSubmitForVerification") == missing
    created = await action(company, place, finding, ActionStatus.DONE)
    await place.prove({"id": created.public_id})
    await place.prove(await place.write())
    gone = at(await place.prove(finding), reason="Another gauge.")
    await done(api, "evidenceItemWithdraw", "evidenceItem { id }", **gone)
    async with unchanged(company):
        assert await offered(api, finding, "findingSubmitForVerification") == missing
        assert blockers(await api.do("findingSubmitForVerification", **at(finding))) == ["EVIDENCE"]
    await place.prove(finding, confidentiality="CONFIDENTIAL")
    async with worker.signed_in() as client:  # does not see it
        document = "{ evidenceItems(filter: {confidentiality: {eq: CONFIDENTIAL}}) { totalCount } }"
        assert await client.ask(document) == {"evidenceItems": {"totalCount": 0}}
        assert await offered(client, finding, "findingSubmitForVerification") == []
        await done(client, "findingSubmitForVerification", **at(finding))


async def test_what_is_no_nonconformity_needs_no_evidence(api: Client, place: Place) -> None:
    finding = await place.walk(*WAY, grade="OBSERVATION")
    assert await offered(api, finding, "findingSubmitForVerification") == []
    await done(api, "findingSubmitForVerification", **at(finding))


async def test_what_is_awaited_is_asked_once_for_all_findings(
    api: Client, company: Company, place: Place
) -> None:
    values = "query ($first: Int!) { findings(first: $first) { nodes { " + OFFERED + " } } }"
    counts = []
    for _ in range(3):
        finding = await place.walk(*WAY, "findingSubmitForVerification")
        await capa(company, place, finding, CapaStatus.OPEN)
    for first in (1, 3):
        await api.ask(values, first=first)
        counts.append(len(api.statements))
    assert counts[0] == counts[1]

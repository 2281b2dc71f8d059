"""A finding waits for its actions before verification, and for its CAPAs before it is closed."""

from typing import Any

import pytest

from qgp.actions.model import Action, ActionStatus
from qgp.attachments.model import AttachmentStatus
from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import CapaStatus
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock, ids
from qgp.kit.policy import Role
from tests import factories
from tests.company import Client, Company, Person, signature, subject_id
from tests.evidence import unchanged
from tests.findings.finding_commands import FindingCommands, at, blockers, done, read
from tests.kit.work import work_of
from tests.standards.standard_commands import errors_of

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


async def action(
    company: Company, finding_commands: FindingCommands, finding: Any, state: ActionStatus
) -> Action:
    """Write an action of the finding that stands in the state."""
    about = ids.decode("fnd", finding["id"])
    async with work_of(company) as work:
        owner = ids.decode("usr", finding_commands.ids["owner"])
        return await work.add(factories.action(state, owner_id=owner, finding_id=about))


async def capa(
    company: Company, finding_commands: FindingCommands, finding: Any, state: CapaStatus
) -> Capa:
    """Write a CAPA of the finding that stands in the state."""
    async with work_of(company) as work:
        row = await work.add(
            factories.capa(state, owner_id=ids.decode("usr", finding_commands.ids["owner"]))
        )
        await work.add(CapaFinding(capa_id=row.id, finding_id=ids.decode("fnd", finding["id"])))
        return row


@pytest.mark.parametrize("state", ActionStatus)
async def test_a_finding_is_verified_when_its_actions_are_done(
    api: Client, company: Company, finding_commands: FindingCommands, state: ActionStatus
) -> None:
    finding = await finding_commands.walk(*WAY)
    await finding_commands.prove(finding)
    created = await action(company, finding_commands, finding, state)
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


async def test_an_action_that_requires_verification_is_verified_before_its_finding_is(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk(*WAY)
    await finding_commands.prove(finding)
    created = await action(company, finding_commands, finding, ActionStatus.DONE)
    async with work_of(company) as work:
        row = await work.get(Action, created.id)
        await work.change(row, {"is_verification_required": True})
    blocked_by = [("ACTIONS_DONE", created.public_id)]
    assert await offered(api, finding, "findingSubmitForVerification") == blocked_by
    async with unchanged(company):
        payload = await api.do("findingSubmitForVerification", **at(finding))
        assert blockers(payload) == ["ACTIONS_DONE"]
        assert "(actionVerify)" in payload["errors"][0]["message"]
    async with work_of(company) as work:
        row = await work.get(Action, created.id)
        row.enter(ActionStatus.VERIFIED)
        await work.change(row, {"verified_at": clock.now()})
    await done(api, "findingSubmitForVerification", **at(finding))


@pytest.mark.parametrize("state", CapaStatus)
async def test_a_finding_is_closed_when_its_capas_take_effect(
    api: Client, company: Company, finding_commands: FindingCommands, state: CapaStatus
) -> None:
    finding = await finding_commands.walk(*WAY, "findingSubmitForVerification")
    created = await capa(company, finding_commands, finding, state)
    code = "CAPA_IN_EFFECTIVENESS_OR_CLOSED"
    ready = {CapaStatus.EFFECTIVENESS, CapaStatus.CLOSED, CapaStatus.CANCELLED}
    codes = [] if state in ready else [(code, created.public_id)]
    assert await offered(api, finding, "findingClose") == codes
    if not codes:
        await finding_commands.step(finding, "findingClose")
        return
    async with unchanged(company):
        signed = at(finding, signature=signature("VERIFIED"))
        assert blockers(await api.do("findingClose", **signed)) == [code]


async def test_a_nonconformity_is_verified_when_something_shows_what_was_done(
    api: Client, company: Company, finding_commands: FindingCommands, employee: Person
) -> None:
    finding = await finding_commands.walk(*WAY)
    missing = [("EVIDENCE", finding["id"])]
    assert await offered(api, finding, "findingSubmitForVerification") == missing
    created = await action(company, finding_commands, finding, ActionStatus.DONE)
    await finding_commands.prove({"id": created.public_id})
    await finding_commands.prove(await finding_commands.write())
    gone = at(await finding_commands.prove(finding), reason="Another gauge.")
    await done(api, "evidenceItemWithdraw", "evidenceItem { id }", **gone)
    async with unchanged(company):
        assert await offered(api, finding, "findingSubmitForVerification") == missing
        assert blockers(await api.do("findingSubmitForVerification", **at(finding))) == ["EVIDENCE"]
    await finding_commands.prove(finding, confidentiality="CONFIDENTIAL")
    async with employee.signed_in() as client:  # does not see it
        document = "{ evidenceItems(filter: {confidentiality: {eq: CONFIDENTIAL}}) { totalCount } }"
        assert await client.ask(document) == {"evidenceItems": {"totalCount": 0}}
        assert await offered(client, finding, "findingSubmitForVerification") == []
        await done(client, "findingSubmitForVerification", **at(finding))


@pytest.mark.parametrize("grade", ["MAJOR", "MINOR"])
async def test_evidence_from_before_a_reopening_closes_nothing_again(
    api: Client, company: Company, finding_commands: FindingCommands, grade: str
) -> None:
    """It may be withdrawn then; what was collected since may not."""
    finding = await finding_commands.walk(*WAY, grade=grade)
    async with work_of(company) as work:
        row = await work.get(Finding, ids.decode("fnd", finding["id"]))
        photo = await work.add(factories.attachment(row, AttachmentStatus.STORED))
    file = {"kind": "FILE", "url": None, "attachmentId": photo.public_id}
    former = await finding_commands.prove(finding, **file)
    async with work_of(company) as work:
        row = await work.get(Finding, row.id)
        row.enter(FindingStatus.CLOSED)
        await work.change(row, {"closed_on": clock.today()})
    closed = at(finding, expectedVersion=row.version)
    finding = (await done(api, "findingReopen", **closed, reason="Again."))["finding"]
    finding = await finding_commands.step(finding, "findingStartCorrectiveAction")
    missing = [("EVIDENCE", finding["id"])]
    assert await offered(api, finding, "findingSubmitForVerification") == missing
    async with unchanged(company):
        assert blockers(await api.do("findingSubmitForVerification", **at(finding))) == ["EVIDENCE"]
    await finding_commands.prove(finding, **file)  # shows what it showed before
    assert await offered(api, finding, "findingSubmitForVerification") == missing
    present = await finding_commands.prove(finding)
    finding = (await done(api, "findingSubmitForVerification", **at(finding)))["finding"]
    async with work_of(company) as work:
        row = await work.get(Finding, row.id)
        row.enter(FindingStatus.CLOSED)
        await work.change(row, {"closed_on": clock.today()})
    shown = "evidenceItem { id }"
    withdrawn = [
        await api.do("evidenceItemWithdraw", shown, **at(one, reason="Another gauge."))
        for one in (present, former)
    ]
    assert [errors_of(payload) for payload in withdrawn] == [[("BAD_USER_INPUT", "id")], []]


async def test_a_former_owner_closes_no_nonconformity(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    """Though another person was made its owner, by any command."""
    former = await company.hire(Role.QUALITY_MANAGER)
    finding = await finding_commands.walk(*WAY, "findingSubmitForVerification", ownerId=former.id)
    items = [{"id": finding["id"], "expectedVersion": finding["version"]}]
    owner = {"ownerId": finding_commands.ids["owner"]}
    payload = await api.do("findingsAssign", "results { errors { code } }", items=items, **owner)
    assert payload["results"] == [{"errors": []}]
    finding = {**finding, "version": finding["version"] + 1}
    async with former.signed_in() as client, unchanged(company):
        assert blockers(await client.do("findingClose", **at(finding))) == ["VERIFIER_DIFFERS"]
    await done(api, "findingClose", **at(finding))


async def test_what_is_no_nonconformity_needs_no_evidence(
    api: Client, finding_commands: FindingCommands
) -> None:
    finding = await finding_commands.walk(*WAY, grade="OBSERVATION")
    assert await offered(api, finding, "findingSubmitForVerification") == []
    await done(api, "findingSubmitForVerification", **at(finding))


async def test_blockers_of_all_findings_are_read_in_one_statement(
    api: Client, company: Company, finding_commands: FindingCommands
) -> None:
    values = "query ($first: Int!) { findings(first: $first) { nodes { " + OFFERED + " } } }"
    counts = []
    for _ in range(3):
        finding = await finding_commands.walk(*WAY, "findingSubmitForVerification")
        await capa(company, finding_commands, finding, CapaStatus.OPEN)
    for first in (1, 3):
        await api.ask(values, first=first)
        counts.append(len(api.statements))
    assert counts[0] == counts[1]

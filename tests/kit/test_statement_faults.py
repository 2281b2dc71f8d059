"""A mutation that fails at any of its statements leaves nothing behind; sent again, it succeeds.

Each statement of a mutation is refused once by the database, COMMIT included; the same request is
repeated until all of its statements have passed.
"""

from datetime import timedelta
from typing import Any

import pytest

from qgp.kit import clock
from qgp.kit.policy import Role
from tests.company import PASSWORD, Company, client, signature
from tests.fault_trial import FaultTrial
from tests.isolation.steps import STEPS
from tests.isolation.world import Step, World, begin
from tests.kit.built import mutations
from tests.mails import mails_to, plain, token_in

ROWS = "grade,sourceType,title\nOFI,PROCESS,One\nMINOR,PROCESS,Two\n"
OBSERVED = {"grade": "OFI", "sourceType": "PROCESS", "statement": "So.", "evidenceText": "Seen."}
IN_TEN_DAYS = str(clock.today() + timedelta(10))


async def test_a_create_a_signature_a_bulk_and_an_import_leave_nothing_behind(
    company: Company,
) -> None:
    """An instance of the test below."""
    chief = await company.hire(Role.QUALITY_MANAGER)
    trial = FaultTrial(company)
    findings = []
    for title in ("One", "Two"):
        values = OBSERVED | {"title": title, "ownerId": company.owner.id}
        created = await trial.withstand_once("findingCreate", values, company.owner.token)
        findings.append({"id": created["finding"]["id"], "expectedVersion": 1})
    await trial.withstand("findingsOpen", {"items": findings}, company.owner.token)
    concession = {"reason": "So.", "acceptedUntil": IN_TEN_DAYS, "signature": signature("APPROVED")}
    at = findings[0] | {"expectedVersion": 2}
    await trial.withstand("findingGrantConcession", at | concession, chief.token)
    file = {"csv": ROWS, "isDryRun": False}
    assert (await trial.withstand("findingsImport", file, company.owner.token))["created"] == 2
    assert trial.refused > 40


@pytest.mark.exhaustive
async def test_every_mutation_leaves_nothing_behind_where_a_statement_fails(
    company: Company,
) -> None:
    trial, world = FaultTrial(company), await begin(company, "FAULT")
    for step in STEPS:
        await _take(trial, step, world)
    await _sign_in_and_out(trial, world)
    assert {name for name, _ in trial.withstood} == {*mutations()}


async def _take(trial: FaultTrial, step: Step, world: World) -> None:
    """Take a step, with faults where its mutation has not withstood them in this form."""
    await step.wait(world)
    token = world.people[step.by].token
    payload = await trial.withstand_once(step.mutation, step.input_of(world), token)
    world.noted(step.name, payload)
    async with client(trial.application, world.company.owner.token) as owner:
        await step.send(owner.http, world, payload)
        await trial.application.background.wait()
        await step.look(owner, world)


async def _sign_in_and_out(trial: FaultTrial, world: World) -> None:
    """Take the mutations of a person's own account, none of which has an idempotency key."""
    email, new_password = f"{world.text('bob')}@firm.example".lower(), PASSWORD[::-1]
    payloads: dict[str, Any] = {"token": world.tokens["bob"]}
    steps: tuple[tuple[str, Any], ...] = (
        ("invitationAccept", {"password": PASSWORD, "token": None}),
        ("login", {"email": email, "password": PASSWORD}),
        ("tokenRefresh", {"refreshToken": None}),
        ("passwordChange", {"currentPassword": PASSWORD, "newPassword": new_password}),
        ("exportLinkCreate", {"list": "sites"}),
        ("calendarFeedCreate", None),
        ("calendarFeedRevoke", None),
        ("logout", None),
        ("passwordResetRequest", {"email": email}),
        ("passwordReset", {"token": None, "password": PASSWORD}),
    )
    for mutation, values in steps:
        if mutation == "passwordReset":
            newest, *_ = await mails_to(trial.application, email)
            payloads["token"] = token_in(plain(newest.message))
        input = values and {name: value or payloads[name] for name, value in values.items()}
        payload = await trial.withstand(mutation, input, payloads.get("accessToken"))
        payloads |= {name: text for name, text in payload.items() if text}

"""Actions move as announced, by whom the table names, and nothing else happens."""

from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from qgp.actions.model import Action, ActionStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.status_history import StatusEvent
from tests import factories
from tests.actions.action_commands import NOTE, attempt, go, hand_out, needs, show
from tests.company import Client, Company, Person, subject_id
from tests.evidence import unchanged
from tests.kit.work import work_of
from tests.matrix import role_cases, tied_cases

OPTIONS = "version status availableTransitions { name isAllowed requiresReason blockers { code } }"
TABLE = {
    "TODO": {"actionStart": "IN_PROGRESS", "actionCancel": "CANCELLED"},
    "IN_PROGRESS": {
        "actionBlock": "BLOCKED",
        "actionComplete": "DONE",
        "actionCancel": "CANCELLED",
    },
    "BLOCKED": {"actionUnblock": "IN_PROGRESS", "actionCancel": "CANCELLED"},
    "DONE": {"actionVerify": "VERIFIED", "actionReject": "IN_PROGRESS"},
    "VERIFIED": {},
    "CANCELLED": {},
}
WORK = {"actionStart", "actionBlock", "actionUnblock", "actionComplete"}
MANAGERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.HSE_MANAGER, Role.PROCESS_OWNER}
VERIFIERS = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}
STEPS = {name for moves in TABLE.values() for name in moves}
OUTSIDE = {Role.SUPPLIER_CONTACT, Role.EXTERNAL_AUDITOR}  # who own no action
WORKERS = [role for role in Role if role not in OUTSIDE]


async def standing_in(company: Company, state: ActionStatus, owner: UUID) -> Action:
    """Write an action that stands in the state, however it came there."""
    async with work_of(company) as work:
        day = clock.today("UTC")
        return await work.add(factories.action(state, owner_id=owner, due_on=day))


def allowed(role: Role, step: str, *, owns: bool) -> bool:
    """Say whether the table lets the role, or the owner, take the step."""
    if step in {"actionVerify", "actionReject"}:
        return role in VERIFIERS and not owns
    return role in MANAGERS or (owns and step in WORK)


@pytest.mark.parametrize(
    ("role", "owns"),
    tied_cases(
        {
            False: role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE),
            True: role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE, among=WORKERS),
        }
    ),
)
async def test_what_the_table_does_not_say_does_not_happen(
    company: Company, role: Role, owns: bool
) -> None:
    person = await company.hire(role)
    who = person.user_id if owns else company.owner.user_id
    async with person.signed_in() as asking:
        for state in ActionStatus:
            row = await standing_in(company, state, who)
            possible = {s for s in TABLE[state] if allowed(role, s, owns=owns)}
            if role not in OUTSIDE and (owns or role is not Role.EMPLOYEE):
                available_transitions = (await show(asking, row.public_id, OPTIONS))[
                    "availableTransitions"
                ]
                assert {move["name"] for move in available_transitions} == set(TABLE[state])
                assert {
                    move["name"] for move in available_transitions if move["isAllowed"]
                } == possible
            async with unchanged(company):
                for step in sorted(STEPS - possible):
                    assert await attempt(asking, step, row.public_id, 1, **needs(step)), step
            for step in sorted(possible):
                fresh = await standing_in(company, state, who)
                assert await attempt(asking, step, fresh.public_id, 1, **needs(step)) == []
                async with work_of(company) as work:
                    moved = await work.get(Action, fresh.id)
                assert (moved.status, moved.version) == (TABLE[state][step], 2)


async def test_a_transition_from_another_status_is_blocked_with_wrong_state(
    api: Client, company: Company
) -> None:
    id = await hand_out(api, company.owner.id)
    payload = await api.do("actionUnblock", "action { status }", id=id, expectedVersion=1)
    (error,) = payload["errors"]
    assert [b["code"] for b in error["blockers"]] == ["WRONG_STATE"]
    assert " is TODO; actionUnblock starts from BLOCKED." in error["message"]
    values = {"id": id, "expectedVersion": 1, "reason": "x"}
    payload = await api.do("actionBlock", "action { status }", **values)
    message = " is TODO; actionBlock starts from IN_PROGRESS. Call actionStart first."
    assert message in payload["errors"][0]["message"]
    assert payload["action"] == {"status": "TODO"}


async def test_a_refused_role_receives_the_roles_that_may(api: Client, company: Company) -> None:
    id = await hand_out(api, company.owner.id)
    async with (await company.hire(Role.AUDITOR)).signed_in() as other:
        shown = await show(other, id, "availableTransitions { name blockers { message } }")
    values = {
        move["name"]: [blocker["message"] for blocker in move["blockers"]]
        for move in shown["availableTransitions"]
    }
    managers = "PROCESS_OWNER, HSE_MANAGER, QUALITY_MANAGER, ADMIN or OWNER"
    assert values == {
        "actionStart": [
            "Your role AUDITOR may not call actionStart. "
            f"Ask somebody who is {managers}, or its owner."
        ],
        "actionCancel": [
            f"Your role AUDITOR may not call actionCancel. Ask somebody who is {managers}."
        ],
    }


@pytest.fixture
async def eve(company: Company) -> Person:
    """An employee who owns what is done here."""
    return await company.hire(Role.EMPLOYEE)


async def test_who_completed_and_who_verified_is_kept(
    api: Client, company: Company, eve: Person
) -> None:
    id = await hand_out(api, eve.id, isVerificationRequired=True)
    async with eve.signed_in() as hers:
        await go(hers, id, "actionStart", "actionComplete")
    facts = "status progress completionNote completedBy { id } verifiedBy { id } version"
    done = {"status": "DONE", "progress": 100, "completionNote": NOTE, "version": 3}
    done |= {"completedBy": {"id": eve.id}, "verifiedBy": None}
    assert await show(api, id, facts) == done
    await go(api, id, "actionVerify")
    record = await show(api, id, f"{facts} completedAt verifiedAt")
    assert record.pop("completedAt") < record.pop("verifiedAt")
    assert record == done | {
        "status": "VERIFIED",
        "verifiedBy": {"id": company.owner.id},
        "version": 4,
    }


async def test_a_rejection_takes_back_that_it_is_done(
    api: Client, company: Company, eve: Person
) -> None:
    id = await hand_out(api, eve.id)
    async with eve.signed_in() as hers:
        await go(hers, id, "actionStart", "actionComplete")
    await go(api, id, "actionReject")
    record = await show(api, id, "status completedAt completionNote completedBy { id }")
    nothing = dict.fromkeys(("completedAt", "completionNote", "completedBy"))
    assert record == {"status": "IN_PROGRESS", **nothing}


async def test_the_verifier_differs_from_owner_and_who_did_it(
    api: Client, company: Company, eve: Person
) -> None:
    """Guard VERIFIER_DIFFERS, blocked and freed."""
    id = await hand_out(api, eve.id)
    await go(api, id, "actionStart")
    version = await go(api, id, "actionComplete")
    async with unchanged(company):
        for step in ("actionVerify", "actionReject"):
            blockers = await attempt(api, step, id, version, **needs(step))
            assert blockers == ["VERIFIER_DIFFERS"], step
    moves = (await show(api, id, OPTIONS))["availableTransitions"]
    assert [b["code"] for m in moves for b in m["blockers"]] == ["VERIFIER_DIFFERS"] * 2
    lead = await company.hire(Role.LEAD_AUDITOR)
    async with lead.signed_in() as other:
        assert await attempt(other, "actionVerify", id, version) == []


@pytest.mark.parametrize("step", ["actionStart", "actionComplete"])
async def test_what_it_waits_for_is_done_before(api: Client, company: Company, step: str) -> None:
    """Guard DEPENDENCIES_DONE, blocked and freed: by doing it, cancelling it, and removal."""
    for remedy in ("do", "cancel", "remove"):
        first, then = [await hand_out(api, company.owner.id) for _ in "12"]
        version = 1 if step == "actionStart" else await go(api, then, "actionStart")
        values = {"prerequisiteId": first}
        assert await attempt(api, "actionDependencyAdd", then, version, **values) == []
        more: dict[str, Any] = {"id": then, "expectedVersion": version, **needs(step)}
        async with unchanged(company):
            (error,) = (await api.do(step, **more))["errors"]
        prerequisite, dependent = [await show(api, id, "reference") for id in (first, then)]
        (blocker,) = error["blockers"]
        assert (blocker["code"], subject_id(blocker)) == ("DEPENDENCIES_DONE", first)
        assert blocker["message"].startswith(
            f"{dependent} depends on {prerequisite}, which is open."
        )
        moves = (await show(api, then, OPTIONS))["availableTransitions"]
        codes = [b["code"] for m in moves if m["name"] == step for b in m["blockers"]]
        assert codes == ["DEPENDENCIES_DONE"]
        if remedy == "do":
            await go(api, first, "actionStart", "actionComplete")
        elif remedy == "cancel":
            await go(api, first, "actionCancel")
        else:
            assert await attempt(api, "actionDependencyRemove", then, version, **values) == []
        assert await attempt(api, step, then, version, **needs(step)) == []


@pytest.mark.parametrize(
    ("step", "values", "code"),
    [
        ("actionComplete", {"completionNote": " "}, "REQUIRED"),
        ("actionBlock", {"reason": ""}, "REQUIRED"),
        ("actionCancel", {"reason": "x" * 2001}, "TOO_LONG"),
    ],
)
async def test_a_note_and_a_reason_say_something(
    api: Client, company: Company, step: str, values: dict[str, Any], code: str
) -> None:
    """COMPLETION_NOTE comes with the step, which cannot be asked for without."""
    id = await hand_out(api, company.owner.id)
    version = await go(api, id, "actionStart")
    async with unchanged(company):
        (error,) = (await api.do(step, id=id, expectedVersion=version, **values))["errors"]
    assert (error["code"], error["path"]) == (code, [*values])


async def test_reasons_are_kept(api: Client, company: Company) -> None:
    id = await hand_out(api, company.owner.id)
    await go(api, id, "actionStart", "actionBlock", "actionUnblock", "actionCancel")
    async with work_of(company) as work:
        statement = sa.select(StatusEvent).where(StatusEvent.entity == "actions")
        events = await work.rows(statement.order_by(StatusEvent.at, StatusEvent.id))
    assert [(e.action, e.from_status, e.to_status, e.reason) for e in events] == [
        ("actionCreate", None, "TODO", None),
        ("actionStart", "TODO", "IN_PROGRESS", None),
        ("actionBlock", "IN_PROGRESS", "BLOCKED", "It has to be."),
        ("actionUnblock", "BLOCKED", "IN_PROGRESS", None),
        ("actionCancel", "IN_PROGRESS", "CANCELLED", "It has to be."),
    ]


CHANGES: dict[str, dict[str, Any]] = {
    "actionUpdate": {"title": "y"},
    "actionReassign": {"reason": "x"},
    "actionReschedule": {"newDueOn": "2099-01-01", "reason": "x"},
}
CAN = "viewerCanUpdate viewerCanReassign viewerCanReschedule"


@pytest.mark.parametrize("state", ActionStatus)
async def test_what_the_viewer_can_is_what_happens_in_every_state(
    company: Company, state: ActionStatus
) -> None:
    heir = await company.hire(Role.AUDITOR)
    for role in (Role.PROCESS_OWNER, Role.LEAD_AUDITOR):
        async with (await company.hire(role)).signed_in() as asking:
            for change, values in CHANGES.items():
                row = await standing_in(company, state, company.owner.user_id)
                more = {"ownerId": heir.id} if change == "actionReassign" else {}
                can = (await show(asking, row.public_id, CAN))[f"viewerCan{change[6:]}"]
                done = await attempt(asking, change, row.public_id, 1, **values, **more)
                is_open = state.value in {"TODO", "IN_PROGRESS", "BLOCKED"}
                assert (can, done == []) == (is_open and role in MANAGERS,) * 2, (change, role)

"""For every state, role and step: what is announced is what happens, and nothing else does."""

from collections.abc import Mapping
from typing import Any

import pytest

from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgramme, AuditProgrammeStatus
from qgp.users.model import WORKERS
from tests.company import Client, signed, texts
from tests.matrix import outcomes, role_cases, tied_cases
from tests.programmes.programme_records import ProgrammeRecords, show

QUALITY = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}
# Who, from where, to where; the owner of the programme takes the steps of OWN too.
TABLE: Mapping[str, tuple[set[Role], str, str]] = {
    "auditProgrammeApprove": (QUALITY, "DRAFT", "APPROVED"),
    "auditProgrammeWithdrawApproval": (QUALITY, "APPROVED", "DRAFT"),
    "auditProgrammeStart": (QUALITY, "APPROVED", "ACTIVE"),
    "auditProgrammeClose": (QUALITY, "ACTIVE", "CLOSED"),
}
OWN = {"auditProgrammeWithdrawApproval", "auditProgrammeStart", "auditProgrammeClose"}
SIGNS = {"SIGNATURE"}  # which the step is sent with
MORE = {"auditProgrammeWithdrawApproval": {"reason": "More."}}
EDITORS = {*Role} - {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}
PLANNERS = QUALITY | {Role.LEAD_AUDITOR}


async def ready(
    shared_programme_records: ProgrammeRecords, status: AuditProgrammeStatus, **facts: Any
) -> AuditProgramme:
    """A programme that no guard keeps from any step."""
    async with shared_programme_records.together():
        row = await shared_programme_records.programme(status, **facts)
    item = await shared_programme_records.item(row)
    await shared_programme_records.audit(AuditStatus.REPORTED, programme_item_id=item.id)
    return row


def inputs(row: AuditProgramme) -> dict[str, dict[str, Any]]:
    """Return what each step takes."""
    values = {"id": row.public_id, "expectedVersion": row.version}
    return {step: {**values, **MORE.get(step, {}), **signed(step)} for step in TABLE}


@pytest.mark.parametrize(
    ("role", "is_owner"),
    tied_cases(
        {
            False: role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE),
            True: role_cases(Role.EMPLOYEE, among=sorted(WORKERS)),
        }
    ),
)
async def test_what_is_announced_is_what_happens(
    shared_programme_records: ProgrammeRecords, role: Role, is_owner: bool
) -> None:
    person = await shared_programme_records.company.hire(role)
    owner = person.user_id if is_owner else None
    sees = role is not Role.SUPPLIER_CONTACT and (is_owner or role is not Role.EMPLOYEE)
    async with person.signed_in() as api:
        for status in AuditProgrammeStatus:
            row = await ready(shared_programme_records, status, owner=owner)
            allowed = {s for s in TABLE if sees and _may(role, s, status, is_owner=is_owner)}
            if sees:
                shown = await show(api, row, "availableTransitions { name to blockers { code } }")
                options = shown["availableTransitions"]
                assert {o["name"]: o["to"] for o in options} == {
                    step: to for step, (_, source, to) in TABLE.items() if status == source
                }
                possible = {o["name"] for o in options if {*texts(o["blockers"], "code")} <= SIGNS}
                assert possible == allowed, status
            elif role is not Role.SUPPLIER_CONTACT:
                assert await show(api, row, "id") is None
            await _try_all(shared_programme_records, api, row, allowed, role, sees=sees)


async def _try_all(
    shared_programme_records: ProgrammeRecords,
    api: Client,
    row: AuditProgramme,
    allowed: set[str],
    role: Role,
    *,
    sees: bool,
) -> None:
    """The first of the allowed steps leads on; the others are refused and change nothing."""
    actual = await outcomes(api, inputs(row))
    expected = {step: _refusal(role, step, sees=sees) for step in TABLE}
    now = await shared_programme_records.now(row)
    if allowed:  # the first of them has moved it on: the rest is stale
        first = next(step for step in TABLE if step in allowed)
        assert (now.version, now.status) == (row.version + 1, TABLE[first][2])
        assert actual.pop(first) is None
        late = list(TABLE)[list(TABLE).index(first) :]
        stale = {s for s in late if expected[s] == "TRANSITION_NOT_ALLOWED"}
        expected |= dict.fromkeys(stale, "STALE_VERSION")
        del expected[first]
    else:
        assert (now.version, now.status) == (row.version, row.status)
    assert actual == expected, row.status


def _may(role: Role, step: str, status: str, *, is_owner: bool) -> bool:
    roles, source, _ = TABLE[step]
    if status != source or (is_owner and step not in OWN):
        return False
    return role in roles or is_owner


def _refusal(role: Role, step: str, *, sees: bool) -> str:
    """Return the code that a step outside the table is refused with."""
    is_mover = step in OWN and role is not Role.SUPPLIER_CONTACT
    if not is_mover and role not in TABLE[step][0]:
        return "FORBIDDEN"
    return "TRANSITION_NOT_ALLOWED" if sees else "NOT_FOUND"


def test_the_table_has_every_step() -> None:
    workflow: Any = AuditProgramme.workflow
    assert set(workflow.transitions) == set(TABLE)
    for name, move in workflow.transitions.items():
        roles, source, to = TABLE[name]
        assert (set(move.roles), move.sources, move.target) == (roles, {source}, to)


@pytest.mark.parametrize(
    ("role", "tie"),
    tied_cases(
        {
            "none": role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE),
            "owner": role_cases(Role.EMPLOYEE, among=sorted(WORKERS)),
            "writer": role_cases(Role.AUDITOR),
        }
    ),
)
async def test_what_the_viewer_can_is_what_they_can(
    shared_programme_records: ProgrammeRecords, role: Role, tie: str
) -> None:
    """Each mutation on programme and item succeeds where the record says so, and only there."""
    person = await shared_programme_records.company.hire(role)
    ties: dict[str, Any] = {"owner": {"owner": person.user_id}, "writer": {"by": person.user_id}}
    async with person.signed_in() as api:
        for status in AuditProgrammeStatus:
            row = await shared_programme_records.programme(status, **ties.get(tie, {}))
            item = await shared_programme_records.item(row)
            shown = "viewerCanUpdate items { nodes { viewerCanUpdate viewerCanPlanAudit } }"
            sees = role is not Role.SUPPLIER_CONTACT and (
                role is not Role.EMPLOYEE or tie == "owner"
            )
            may = sees and _edits(role, tie) and status in {"DRAFT", "ACTIVE"}
            plans = role in PLANNERS and status == "ACTIVE"
            if role is not Role.SUPPLIER_CONTACT:
                permissions = await show(api, row, shown)
                rights = {"viewerCanUpdate": may, "viewerCanPlanAudit": plans}
                assert permissions == (
                    {"viewerCanUpdate": may, "items": {"nodes": [rights]}} if sees else None
                )
            for mutation, target, more, expected in (
                ("programmeItemUpdate", item, {"note": "x", "reason": "x"}, may),
                ("auditProgrammeUpdate", row, {"title": "x", "reason": "x"}, may),
                ("programmeItemPlanAudit", item, {}, plans),
            ):
                now = await shared_programme_records.now(target)
                arguments = {"id": now.public_id, "expectedVersion": now.version, **more}
                kind = f"{mutation[0].upper()}{mutation[1:]}Input"
                document = f"""mutation ($input: {kind}!) {{ {mutation}(input: $input) {{
                    errors {{ code }} }} }}"""
                payload = (await api.send(document, input=arguments))["data"][mutation]
                succeeded = payload is not None and payload["errors"] == []
                assert succeeded is expected, (mutation, status)
                if not expected:
                    assert (await shared_programme_records.now(target)).version == now.version


def _edits(role: Role, tie: str) -> bool:
    if role in QUALITY:
        return True
    return role in EDITORS and (tie == "owner" or (tie == "writer" and role is Role.LEAD_AUDITOR))

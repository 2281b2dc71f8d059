"""For every state, role and step: what is announced is what happens, and nothing else does."""

from collections.abc import Mapping
from typing import Any

import pytest

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from qgp.users.model import WORKERS
from tests.audits.asking import SIGNED, read
from tests.audits.audit_records import AuditRecords
from tests.company import Client, signature
from tests.matrix import outcomes, role_cases, tied_cases

QUALITY = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}
PLANNERS = QUALITY | {Role.LEAD_AUDITOR}
# Who, from where, to where; the lead takes the steps of OWN too, and none of OTHERS.
TABLE: Mapping[str, tuple[set[Role], tuple[str, ...], str]] = {
    "auditSchedule": (PLANNERS, ("PLANNED",), "SCHEDULED"),
    "auditStart": (QUALITY, ("SCHEDULED",), "IN_PROGRESS"),
    "auditCompleteFieldwork": (QUALITY, ("IN_PROGRESS",), "FIELDWORK_DONE"),
    "auditSubmit": (set(), ("FIELDWORK_DONE",), "IN_REVIEW"),
    "auditIssueReport": (PLANNERS, ("IN_REVIEW",), "REPORTED"),
    "auditReturn": (PLANNERS, ("IN_REVIEW",), "IN_PROGRESS"),
    "auditClose": (QUALITY, ("REPORTED",), "CLOSED"),
    "auditReopen": (QUALITY, ("CLOSED",), "REPORTED"),
    "auditCancel": (QUALITY, ("PLANNED", "SCHEDULED", "IN_PROGRESS"), "CANCELLED"),
}
OWN = {"auditStart", "auditCompleteFieldwork", "auditSubmit", "auditClose"}
OTHERS = {"auditIssueReport", "auditReturn"}
MORE = {
    "auditCancel": {"reason": "No time."},
    "auditReopen": {"reason": "A late finding."},
    "auditReturn": {"reason": "Look again."},
}
OFFERED = "availableTransitions { name to isAllowed signature blockers { code } }"
FIT_TO_LEAD = {Role.QUALITY_MANAGER, Role.LEAD_AUDITOR}


def inputs(row: Audit) -> dict[str, dict[str, Any]]:
    """Return what each step takes."""
    values = {"id": row.public_id, "expectedVersion": row.version}
    signed = {step: {"signature": signature(meaning)} for step, meaning in SIGNED.items()}
    return {step: {**values, **MORE.get(step, {}), **signed.get(step, {})} for step in TABLE}


@pytest.mark.parametrize(
    ("role", "is_lead"),
    tied_cases(
        {
            False: role_cases(Role.QUALITY_MANAGER, Role.EMPLOYEE),
            True: role_cases(Role.EMPLOYEE),
        }
    ),
)
async def test_what_is_announced_is_what_happens(
    shared_audit_records: AuditRecords, role: Role, is_lead: bool
) -> None:
    person = await shared_audit_records.company.hire(role)
    is_lead = is_lead and role in WORKERS  # others cannot be assigned work
    lead = person if is_lead else await shared_audit_records.company.hire(Role.LEAD_AUDITOR)
    clause = await shared_audit_records.clause()
    team = [(lead.user_id, "LEAD")]
    sees = role is not Role.SUPPLIER_CONTACT and (is_lead or role is not Role.EMPLOYEE)
    async with person.signed_in() as api:
        for status in AuditStatus:
            row = await shared_audit_records.audit(status, team=team, clause=clause)
            allowed = {step for step in TABLE if _may(role, step, status, is_lead=is_lead)}
            if sees:
                shown = await read(api, row, OFFERED)
                options = shown["availableTransitions"]
                assert {o["name"]: o["to"] for o in options} == {
                    step: to for step, (_, sources, to) in TABLE.items() if status in sources
                }
                assert {o["name"] for o in options if _is_open(o)} == allowed, status
            elif role is not Role.SUPPLIER_CONTACT:
                assert await read(api, row, "id") is None
            await _try_all(shared_audit_records, api, row, allowed, role, sees=sees)


async def _try_all(
    shared_audit_records: AuditRecords,
    api: Client,
    row: Audit,
    allowed: set[str],
    role: Role,
    *,
    sees: bool,
) -> None:
    """The allowed steps each lead on; the others are refused and change nothing."""
    codes = await outcomes(api, inputs(row))
    refused = {step: code for step, code in codes.items() if step not in allowed}
    expected = {step: _refusal(role, step, sees=sees) for step in TABLE if step not in allowed}
    if allowed:  # the first of them has moved it on: the rest is stale
        now = await shared_audit_records.now(row)
        first = next(step for step in TABLE if step in allowed)
        assert (now.version, now.status) == (row.version + 1, TABLE[first][2])
        late = list(TABLE)[list(TABLE).index(first) :]
        expected |= {
            step: "STALE_VERSION"
            for step in late
            if step in expected and expected[step] == "TRANSITION_NOT_ALLOWED"
        }
    else:
        now = await shared_audit_records.now(row)
        assert (now.version, now.status) == (row.version, row.status)
    assert refused == expected, row.status


def _is_open(option: Any) -> bool:
    """Say whether a step can be taken, once it is signed where it has to be."""
    codes = [blocker["code"] for blocker in option["blockers"]]
    signed = ["SIGNATURE"] * (option["name"] in SIGNED)
    assert option["isAllowed"] == (not codes)
    assert option["signature"] == SIGNED.get(option["name"])
    return codes == signed


def _may(role: Role, step: str, status: str, *, is_lead: bool) -> bool:
    roles, sources, _ = TABLE[step]
    if status not in sources or role is Role.SUPPLIER_CONTACT:
        return False
    if is_lead and (step in OTHERS or (step == "auditStart" and role not in FIT_TO_LEAD)):
        return False
    return role in roles or (is_lead and step in OWN)


def _refusal(role: Role, step: str, *, sees: bool) -> str:
    """Return the code that a step outside the table is refused with."""
    is_mover = step in OWN and role is not Role.SUPPLIER_CONTACT
    if not is_mover and role not in TABLE[step][0]:
        return "FORBIDDEN"
    return "TRANSITION_NOT_ALLOWED" if sees else "NOT_FOUND"


def test_the_table_has_every_step() -> None:
    workflow: Any = Audit.workflow
    assert set(workflow.transitions) == set(TABLE)
    for name, move in workflow.transitions.items():
        roles, sources, to = TABLE[name]
        assert (set(move.roles), move.sources, move.target) == (roles, set(sources), to)

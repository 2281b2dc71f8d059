"""For every state, role and step: what is announced is what happens, and nothing else does."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from qgp.actions.model import ActionStatus
from qgp.capas.model import Capa
from qgp.capas.model.terms import CapaStatus, EffectivenessMetric
from qgp.kit.policy import Role
from tests.capas.capa_records import CapaRecords
from tests.company import Client
from tests.matrix import outcomes, role_cases, tied_cases

QUALITY = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}
WORKERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
OPEN = tuple(status for status in CapaStatus if status not in {"CLOSED", "CANCELLED"})
# Who, from where; the owner of the CAPA takes the steps of OWN too.
TABLE: Mapping[str, tuple[set[Role], tuple[str, ...]]] = {
    "capaOpen": (WORKERS, ("DRAFT",)),
    "capaStartAnalysis": (WORKERS, ("OPEN",)),
    "capaStartPlanning": (WORKERS, ("ANALYSIS",)),
    "capaReleasePlan": (WORKERS, ("PLANNED",)),
    "capaSubmitForVerification": (WORKERS, ("IMPLEMENTING",)),
    "capaConfirmImplementation": (QUALITY, ("VERIFICATION",)),
    "capaClose": (QUALITY, ("EFFECTIVENESS",)),
    "capaRecordIneffective": (QUALITY, ("EFFECTIVENESS",)),
    "capaCancel": (QUALITY, OPEN),
    "capaReopen": (QUALITY, ("CLOSED",)),
}
OWN = {"capaStartAnalysis", "capaStartPlanning", "capaReleasePlan", "capaSubmitForVerification"}
OWNERS = (Role.OWNER, Role.QUALITY_MANAGER, Role.PROCESS_OWNER, Role.AUDITOR, Role.EMPLOYEE)
MORE: Mapping[str, dict[str, Any]] = {
    "capaClose": {"result": "EFFECTIVE"},
    "capaRecordIneffective": {"resultNote": "Burrs."},
    "capaCancel": {"reason": "Not worth it."},
    "capaReopen": {"reason": "Burrs again."},
}


async def ready(shared_capa_records: CapaRecords, status: CapaStatus, **facts: Any) -> Capa:
    """A CAPA that no guard keeps from any step."""
    row = await shared_capa_records.capa(
        status,
        actions=[ActionStatus.DONE],
        source_justification="The market asks.",
        cause_known_reason="Seen on the bench.",
        effectiveness_criteria="No burr.",
        effectiveness_metric=EffectivenessMetric.SAMPLE,
        effectiveness_due_on=shared_capa_records.days_ago(1),
        **facts,
    )
    await shared_capa_records.proof(row)
    return row


def inputs(row: Capa, steps: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return what each step takes."""
    values = {"id": row.public_id, "expectedVersion": row.version}
    return {step: {**values, **MORE.get(step, {})} for step in steps}


async def announced(api: Client, row: Capa) -> set[str]:
    """Return the steps that the record says are possible; none where it cannot be seen."""
    document = """query ($id: ID!) { capa(by: {id: $id}) {
        availableTransitions { name isAllowed blockers { code } } viewerCanUpdate } }"""
    capa = (await api.send(document, id=row.public_id))["data"]["capa"]
    moves = capa["availableTransitions"] if capa else []
    assert all(move["isAllowed"] == (move["blockers"] == []) for move in moves)
    return {move["name"] for move in moves if move["isAllowed"]}


def refusal(role: Role, step: str, *, is_owner: bool) -> str:
    """Return the code that a step outside the table is refused with."""
    roles, _ = TABLE[step]
    if role in roles:
        return "TRANSITION_NOT_ALLOWED"
    if step not in OWN or role is Role.SUPPLIER_CONTACT:
        return "FORBIDDEN"
    return "NOT_FOUND" if role is Role.EMPLOYEE and not is_owner else "TRANSITION_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("role", "is_owner"),
    tied_cases(
        {
            False: role_cases(Role.QUALITY_MANAGER, Role.EMPLOYEE),
            True: role_cases(Role.EMPLOYEE, among=OWNERS),
        }
    ),
)
async def test_what_is_announced_is_what_happens(
    shared_capa_records: CapaRecords, role: Role, is_owner: bool
) -> None:
    person = await shared_capa_records.company.hire(role)
    owner = {"owner_id": person.user_id} if is_owner else {}
    async with person.signed_in() as api:
        for status in CapaStatus:
            row = await ready(shared_capa_records, status, **owner)
            allowed = {
                step
                for step, (roles, sources) in TABLE.items()
                if status in sources and (role in roles or (is_owner and step in OWN))
            }
            if role is Role.SUPPLIER_CONTACT:
                allowed = set()
            if is_owner:
                allowed -= {"capaConfirmImplementation"}
            assert await announced(api, row) == allowed, status
            refused = TABLE.keys() - allowed
            codes = await outcomes(api, inputs(row, sorted(refused)))
            assert codes == {step: refusal(role, step, is_owner=is_owner) for step in refused}
            now = await shared_capa_records.now(row)
            assert (now.version, now.status) == (row.version, status)
            for step in sorted(allowed):
                fresh = await ready(shared_capa_records, status, **owner)
                assert await outcomes(api, inputs(fresh, [step])) == {step: None}, (status, step)
                now = await shared_capa_records.now(fresh)
                target = Capa.workflow.transitions[step].target
                assert (now.version, now.status) == (fresh.version + 1, target)


def test_the_table_is_the_workflow() -> None:
    moves = Capa.workflow.transitions
    assert moves.keys() == TABLE.keys()
    for step, (roles, sources) in TABLE.items():
        assert (set(moves[step].roles), {*map(str, moves[step].sources)}) == (roles, {*sources})
        assert bool(moves[step].owners) == (step in OWN)

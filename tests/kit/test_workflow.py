"""States change by the moves there are, for those who may make them, and as was announced."""

from enum import StrEnum
from typing import Any

import pytest

from qgp.app import Application
from qgp.kit.errors import Blocker
from qgp.kit.gql.user_errors import foremost
from qgp.kit.model import Record, records
from qgp.kit.policy import Role
from qgp.kit.workflow import Stateful
from qgp.standards.model import ClauseMapping, Standard
from qgp.standards.model.terms import (
    MappingBasis,
    MappingRelation,
    MappingStatus,
    StandardKind,
    StandardOrigin,
    StandardStatus,
)
from qgp.users.model import User, UserStatus
from tests.company import Client, Company, Hiring
from tests.kit.assessment_list import fill
from tests.kit.work import work_of
from tests.matrix import role_cases

CASES: dict[str, tuple[type[Any], type[StrEnum]]] = {
    "standard": (Standard, StandardStatus),
    "clauseMapping": (ClauseMapping, MappingStatus),
    "user": (User, UserStatus),
}


@pytest.fixture(scope="session")
async def company_with_workflows(application: Application) -> Company:
    """A company with records that run through workflows."""
    return await Hiring(application).company()


async def record(company: Company, kind: type[Any], state: StrEnum) -> Record:
    """Write a record that stands in the state, however it came there."""
    if kind is User:
        person = await company.hire(Role.EMPLOYEE)
        async with work_of(company) as work:
            row: Any = await work.get(User, person.user_id)
            row.enter(state)
            await work.flush()
        return row  # type: ignore[no-any-return]  # a user
    async with work_of(company) as work:
        row = standard() if kind is Standard else await mapping(company)
        row.enter(state)
        added: Record = await work.add(row)
        return added


STATEFUL = sorted(
    (kind for kind in records().values() if issubclass(kind, Stateful)),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", STATEFUL, ids=lambda kind: kind.__name__)
def test_states_are_declared_in_the_order_in_which_records_pass_them(kind: Any) -> None:
    """Each is reached from one before it, and what leads nowhere stands at the end."""
    states = list(kind.__table__.c.status.type.enum_class)
    moves = kind.workflow.transitions.values()
    assert states[0] in kind.workflow.starts
    for place, state in enumerate(states):
        sources = {source for move in moves if move.target is state for source in move.sources}
        assert state in kind.workflow.starts or sources & {*states[:place]}, state
    final = [state for state in states if not any(state in move.sources for move in moves)]
    assert states[len(states) - len(final) :] == final


_count = iter(range(10_000))


def standard() -> Standard:
    return Standard(
        family_code=f"F{next(_count)}",
        edition="1",
        title="Rules",
        kind=StandardKind.SCHEME,
        origin=StandardOrigin.OWN,
        status=StandardStatus.DRAFT,
    )


_ends: dict[str, list[Any]] = {}


async def mapping(company: Company) -> ClauseMapping:
    """Map a clause to a standard of its own, which has it REMOVED: no two are alike."""
    if company.slug not in _ends:
        clause, _ = await fill(company)
        _ends[company.slug] = [clause]
    (clause,) = _ends[company.slug]
    async with work_of(company) as work:
        other = await work.add(standard())
    return ClauseMapping(
        from_standard_id=clause.standard_id,
        from_clause_id=clause.id,
        to_standard_id=other.id,
        relation=MappingRelation.NONE,
        strength=0,
        basis=MappingBasis.ORG_JUDGEMENT,
        status=MappingStatus.PROPOSED,
    )


async def announced(api: Client, name: str, row: Record) -> set[str]:
    """Return the moves that the record says are possible; none where it cannot be seen."""
    document = f"""query ($id: ID!) {{ {name}(by: {{id: $id}}) {{
        availableTransitions {{ name isAllowed blockers {{ code }} }} }} }}"""
    state = (await api.send(document, id=row.public_id))["data"][name]
    moves = state["availableTransitions"] if state else []
    assert all(move["isAllowed"] == (move["blockers"] == []) for move in moves)
    return {move["name"] for move in moves if move["isAllowed"]}


async def made(api: Client, move: str, row: Record) -> str | None:
    """Make the move; return why not, or None."""
    title = move[0].upper() + move[1:]
    document = f"""mutation ($i: {title}Input!) {{ {move}(input: $i) {{ errors {{ code }} }} }}"""
    answer = await api.send(document, i={"id": row.public_id, "expectedVersion": row.version})
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    errors = answer["data"][move]["errors"]
    return str(errors[0]["code"]) if errors else None


async def standing(company: Company, kind: type[Any], row: Record) -> tuple[int, StrEnum]:
    async with work_of(company) as work:
        record = await work.get(kind, row.id)
        return record.version, record.status


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
async def test_what_is_announced_is_what_happens(
    company_with_workflows: Company, role: Role, name: str
) -> None:
    """For every state and every move, in the table or not."""
    kind, states = CASES[name]
    moves = {n: m for n, m in kind.workflow.transitions.items() if n.startswith(name)}
    person = await company_with_workflows.hire(role)
    async with person.signed_in() as api:
        for state in states:
            row = await record(company_with_workflows, kind, state)
            possible = await announced(api, name, row)
            expected = {n for n, m in moves.items() if state in m.sources and role in m.roles}
            assert possible == expected
            for move in sorted(moves.keys() - possible):
                before = await standing(company_with_workflows, kind, row)
                refused = await made(api, move, row)
                needs = "TRANSITION_NOT_ALLOWED" if role in moves[move].roles else "FORBIDDEN"
                assert refused == needs, (state, move)
                assert await standing(company_with_workflows, kind, row) == before
            for move in sorted(possible):
                fresh = await record(company_with_workflows, kind, state)
                assert await made(api, move, fresh) is None, (state, move)
                version, status = await standing(company_with_workflows, kind, fresh)
                assert (version > fresh.version, status) == (True, moves[move].target)


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN])
async def test_what_is_announced_of_an_owner_is_what_happens(hire: Hiring, role: Role) -> None:
    """Only an owner suspends an owner, and never the last one."""
    company = await hire.company()
    second = await company.hire(Role.OWNER)
    person = await company.hire(role)
    async with work_of(company) as work:
        row = await work.get(User, second.user_id)
    async with person.signed_in() as api:
        possible = "userSuspend" in await announced(api, "user", row)
        assert possible == (await made(api, "userSuspend", row) is None)


async def test_the_last_owner_has_a_blocker_in_available_transitions(
    company: Company, api: Client
) -> None:
    async with work_of(company) as work:
        row = await work.get(User, company.owner.user_id)
    assert "userSuspend" not in await announced(api, "user", row)
    assert await made(api, "userSuspend", row) == "TRANSITION_NOT_ALLOWED"
    assert await standing(company, User, row) == (row.version, UserStatus.ACTIVE)


@pytest.mark.parametrize("state", StandardStatus)
def test_a_status_is_never_assigned(state: StandardStatus) -> None:
    row = standard()
    with pytest.raises(ValueError, match="by a transition"):
        row.status = state


@pytest.mark.parametrize("state", [StandardStatus.SUPERSEDED, StandardStatus.WITHDRAWN])
def test_a_record_starts_in_a_state_to_start_in(state: StandardStatus) -> None:
    with pytest.raises(ValueError, match="by a transition"):
        Standard(status=state)


async def test_a_status_is_never_assigned_to_a_loaded_record(company: Company) -> None:
    row = await record(company, Standard, StandardStatus.ACTIVE)
    async with work_of(company) as work:
        loaded = await work.get(Standard, row.id)
        with pytest.raises(ValueError, match="by a transition"):
            await work.change(loaded, {"status": StandardStatus.DRAFT})
    assert await standing(company, Standard, row) == (1, StandardStatus.ACTIVE)


def test_every_workflow_is_sound() -> None:
    for kind in Stateful.__subclasses__():
        reached = set(kind.workflow.starts)
        for _ in kind.workflow.transitions:
            reached |= {m.target for m in kind.workflow.transitions.values() if m.sources & reached}
        states = set(type(next(iter(kind.workflow.starts))))
        assert reached == states, f"{kind.__name__} has states that nothing leads to"


def test_of_many_blockers_the_first_of_each_code_are_shown_in_order() -> None:
    many = [Blocker("A", str(n)) for n in range(30)]
    shown = foremost([*many[:20], Blocker("B", "b"), *many[20:], Blocker("C", "c")])
    assert [(one.code, one.message) for one in shown] == [
        *(("A", str(n)) for n in range(8)),
        ("B", "b"),
        ("C", "c"),
    ]
    assert foremost(many[:3]) == many[:3]

"""Every workflow of the schema: each role in each state at each step, with no database."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from qgp.kit.errors import Invalid, TransitionNotAllowed
from qgp.kit.model import records
from qgp.kit.policy import Principal, Role
from qgp.kit.signing import Meaning
from qgp.kit.transitions import Transition
from qgp.kit.workflow import Stateful, Workflow
from tests.kit.built import BUILT

assert BUILT  # which maps every table
CALLER, OTHER = UUID(int=1), UUID(int=2)
STATEFUL = sorted(
    (kind for kind in records().values() if issubclass(kind, Stateful)),
    key=lambda kind: kind.__name__,
)


@dataclass(frozen=True)
class Alone:
    """A caller who has nothing to look at but the record itself."""

    caller: Principal
    signature: Meaning | None = None

    async def load(self, loader: Any, key: Any) -> Any:
        raise AssertionError("no guard is left that would look further")

    async def once(self, name: str, statement: Any) -> Sequence[Any]:
        raise AssertionError("no guard is left that would look further")


def by_role_and_state(workflow: Workflow) -> Workflow:
    """Return the workflow without what depends on more than the caller and the state."""
    apart: Any = type("Apart", (), {})  # the record keeps its own workflow
    moves = [
        replace(move, guards=(), inputs=(), signature=None)
        for move in workflow.transitions.values()
    ]
    return Workflow(apart, moves[0].permission, workflow.starts, *moves)


def ties(workflow: Workflow) -> Iterator[str | None]:
    """Yield each column that can tie a user to a record in a way that counts, and none."""
    moves = workflow.transitions.values()
    rules = (move.separation.columns for move in moves if move.separation)
    owners = {name for move in moves for name in move.owners}
    yield from (None, *sorted(owners.union(*rules)))


def standing(kind: Any, state: Any, tie: str | None) -> Any:
    """Return a record in a state, tied to the caller by one column at the most."""
    row = kind(**{name: OTHER for name in ties(kind.workflow) if name and name != tie})
    row.enter(state)
    if tie is not None:
        setattr(row, tie, CALLER)
    return row


def denials(move: Transition, role: Role, tie: str | None) -> set[str]:
    """Return the codes that keep a role from a step, whatever the state."""
    codes = set() if role in move.roles or tie in move.owners else {"FORBIDDEN"}
    if move.separation and tie in move.separation.columns:
        codes.add(move.separation.code)
    return codes


@pytest.mark.parametrize("kind", STATEFUL, ids=lambda kind: kind.__name__)
async def test_each_role_takes_in_each_state_the_steps_that_it_is_offered(kind: Any) -> None:
    workflow = by_role_and_state(kind.workflow)
    states, moves = kind.__table__.c.status.type.enum_class, workflow.transitions
    for role in Role:
        facts = Alone(Principal(CALLER, CALLER, CALLER, CALLER, role))
        for tie in ties(workflow):
            for state in states:
                row = standing(kind, state, tie)
                offered = {
                    option.transition.name: {blocker.code for blocker in option.blockers}
                    for option in await workflow.options(facts, row)
                }
                assert offered == {
                    name: denials(move, role, tie)
                    for name, move in moves.items()
                    if state in move.sources
                }, (role, tie, state)
                for move in moves.values():
                    await _agrees(workflow, facts, standing(kind, state, tie), move, offered)


async def _agrees(
    workflow: Workflow, facts: Alone, row: Any, move: Transition, offered: dict[str, set[str]]
) -> None:
    """Take a step: offered without a blocker it leads on, else it is refused and nothing moves."""
    before = row.status
    if offered.get(move.name) == set():
        await workflow.move(facts, row, move.name)
        assert row.status is move.target, (facts.caller.role, before, move.name)
        return
    with pytest.raises(TransitionNotAllowed) as refused:
        await workflow.move(facts, row, move.name)
    codes = {blocker.code for blocker in refused.value.blockers}
    assert ("WRONG_STATE" in codes) == (before not in move.sources)
    assert codes >= offered.get(move.name, set())
    assert row.status is before


CLOSED = [(kind, state) for kind in STATEFUL for state in sorted(kind.workflow.closed)]


@pytest.mark.parametrize(("kind", "state"), CLOSED)
def test_a_closed_state_refuses_changes_and_names_the_steps_that_lead_out(
    kind: Any, state: Any
) -> None:
    workflow: Workflow = kind.workflow
    row = kind()
    row.enter(state)
    with pytest.raises(Invalid) as refused:
        workflow.require_open(row, "rowId")
    assert refused.value.path == ("rowId",)
    assert f" is {state.value} and cannot be changed." in refused.value.message
    steps = [move for move in workflow.transitions.values() if state in move.sources]
    leading_out = [move.name for move in steps if move.target not in workflow.closed]
    assert all(name in refused.value.message for name in leading_out)


def test_the_refusal_of_a_closed_state_names_record_state_and_remedy() -> None:
    assert len({kind for kind, _ in CLOSED}) >= 8
    texts = {}
    for kind, state in CLOSED:
        row = kind()
        row.enter(state)
        if hasattr(row, "reference"):
            row.reference = "X-2026-0001"
        with pytest.raises(Invalid) as refused:
            kind.workflow.require_open(row, "id")
        texts[f"{kind.__name__} {state.value}"] = refused.value.message
    assert texts["Finding CLOSED"] == (
        "X-2026-0001 is CLOSED and cannot be changed. Call findingReopen first."
    )
    assert texts["Finding VOID"] == "X-2026-0001 is VOID and cannot be changed."
    assert texts["TemplateVersion PUBLISHED"] == (
        "This template version is PUBLISHED and cannot be changed. "
        "Draft the next version (templateVersionDraft)."
    )


def test_an_open_state_lets_change() -> None:
    for kind in STATEFUL:
        states = {move.target for move in kind.workflow.transitions.values()}
        for state in (states | kind.workflow.starts) - kind.workflow.closed:
            row = kind()
            row.enter(state)
            kind.workflow.require_open(row, "id")

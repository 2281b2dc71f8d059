"""Pending work: the records that wait for a user, over all registers.

Modules declare the kinds in their `work_kinds.py`. Open work (`kit.open_work`) is what a user who
leaves hands over; pending work is the part of it that the user has to act on now, and what waits
for everyone of some roles.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.delegation import delegators_of
from qgp.kit.facts import BatchRows, LateBoundLoader
from qgp.kit.policy import Principal, Role
from qgp.kit.sql_dates import Day
from qgp.kit.transitions import Transition
from qgp.kit.visibility import NODES
from qgp.kit.workflow import Workflow

When = Callable[[Any, Principal], sa.ColumnElement[bool]]
WORK_KINDS: dict[str, "WorkKind"] = {}  # by name in business order, see `qgp.kit.composition`
_ITEM_ID = sa.literal_column("item.id", sa.Uuid())


@dataclass(frozen=True)
class Participants:
    """Users with a part in a record, for whom its work does not wait (segregation of duties).

    Attributes:
        facts: the rows that the guard of the transition loads too.
        columns: of their statement, each with a user's id.
        when: the condition of the records that this holds for; None for all.
        apart_from: Boolean column of the statement: rows that do not count.
    """

    facts: BatchRows | LateBoundLoader
    columns: tuple[str, ...]
    when: Callable[[Any], sa.ColumnElement[bool]] | None = None
    apart_from: str | None = None

    def include(self, caller: Principal) -> sa.ColumnElement[bool]:
        """Return the condition that the caller has a part in the record of `_ITEM_ID`."""
        rows = self.facts.query(lambda column: column == _ITEM_ID).subquery().c
        is_caller = [rows[name] == caller.user_id for name in self.columns]
        counts = sa.true() if self.apart_from is None else sa.not_(rows[self.apart_from])
        return sa.exists().where(sa.or_(*is_caller), counts)


@dataclass(frozen=True, eq=False)
class WorkKind:
    """Kind of work that waits for users: what is to be done with records in some states.

    Attributes:
        name: its value in the schema.
        description: of the value.
        model: the record.
        roles: the roles that may do the work.
        when: the condition of the records that wait.
        assignee: the column that names the user who is to do it; None where everyone of the roles
            is asked.
        not_for: columns of users for whom it does not wait: segregation of duties.
        participants: further such users, by facts.
        due: the due date of the work; None where it has none.
        by: the column by which its records are found, which an index begins with; None for the
            assignee, or else the status.
        delegate_roles: the roles that may do the work of another user, who is absent.
        states: of the records that wait; empty where `when` alone says.
    """

    name: str
    description: str
    model: type[Any]
    roles: frozenset[Role]
    when: When
    assignee: str | None = None
    not_for: tuple[str, ...] = ()
    participants: tuple[Participants, ...] = ()
    due: Day | None = None
    by: str | None = None
    delegate_roles: frozenset[Role] = frozenset()
    states: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """The column by which its records are found, which an index begins with."""
        return self.by or self.assignee or "status"

    def may_wait(self) -> sa.ColumnElement[bool]:
        """Return the condition without which a record waits for nobody."""
        if self.states:
            condition: sa.ColumnElement[bool] = self.model.status.in_(self.states)
        else:
            condition = getattr(self.model, self.column).is_not(None)
        return condition

    def is_for(self, caller: Principal) -> bool:
        """Whether such work can wait for a user of the caller's role."""
        return caller.role in self.roles and caller.may(NODES[self.model.prefix].read)

    def items(self, caller: Principal) -> sa.Select[Any]:
        """Select kind, record and due date of what waits for the caller and is visible to them."""
        row = self.model
        bars = [sa.true() if one.when is None else one.when(row) for one in self.participants]
        columns = [bar.label(f"bar_{place}") for place, bar in enumerate(bars)]
        day = sa.cast(self.due(row) if self.due else sa.null(), sa.Date).label("due_on")
        rows = sa.select(row.id, day, self._absent(caller), *columns).where(
            self.when(row, caller),
            *self._people(caller),
            *NODES[row.prefix].read.visible(caller),
        )
        item = rows.subquery("item").c
        kind = sa.literal(self.name, sa.Text).label("kind")
        barred = [
            sa.and_(item[column.name], one.include(caller))
            for column, one in zip(columns, self.participants, strict=True)
        ]
        listed: tuple[Any, ...] = (kind, item.id, item.due_on, item.on_behalf_of_id)
        return sa.select(*listed).where(*map(sa.not_, barred))

    def _absent(self, caller: Principal) -> sa.ColumnElement[Any]:
        """Return the user for whom a delegate does the work; null for the caller's own."""
        user: Any = sa.null()
        if self.assignee is not None:
            user = sa.func.nullif(getattr(self.model, self.assignee), caller.user_id)
        return sa.cast(user, sa.Uuid).label("on_behalf_of_id")

    def among(self, ids: Collection[UUID], caller: Principal) -> sa.Select[Any]:
        """Select the ids whose record waits for the caller, each with the absent user or null."""
        items = self.items(caller).subquery("waiting").c
        return sa.select(items.id, items.on_behalf_of_id).where(items.id.in_(ids))

    def _people(self, caller: Principal) -> Sequence[sa.ColumnElement[bool]]:
        others = [getattr(self.model, name) for name in self.not_for]
        conditions = [column.is_distinct_from(caller.user_id) for column in others]
        if self.assignee is not None:
            column = getattr(self.model, self.assignee)
            may_represent = caller.role in self.delegate_roles
            is_theirs = is_represented_by(column, caller) if may_represent else None
            conditions.append(column == caller.user_id if is_theirs is None else is_theirs)
        return conditions


def is_represented_by(column: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that work assigned to the user in a column waits for the caller.

    That is the caller, or a user who delegates their work to the caller today.
    """
    is_caller = sa.select(sa.cast(caller.user_id, sa.Uuid))
    users = is_caller.union_all(delegators_of(caller)).scalar_subquery()
    condition: sa.ColumnElement[bool] = column == sa.any_(
        sa.func.array(users, type_=sa.ARRAY(sa.Uuid))
    )
    return condition


def work_of_transitions(
    name: str,
    description: str,
    workflow: Workflow,
    *transitions: str,
    assignee: str | None = None,
    when: When | None = None,
    not_for: tuple[str, ...] = (),
    participants: tuple[Participants, ...] = (),
    due: Day | None = None,
    by: str | None = None,
) -> WorkKind:
    """Declare the work that transitions do, in the states that they start from.

    It waits for the user in `assignee`, who is one of the `owners` of the transitions or has a role
    that may take them; or else for everyone of their roles, but for those whom their segregation of
    duties excludes.

    Args:
        name: see `WorkKind`; so are `description`, `assignee`, `participants`, `due` and `by`.
        workflow: of the record.
        transitions: any of which does the work.
        when: a further condition of the records.
        not_for: further columns of users for whom it does not wait.
    """
    steps = [workflow.transitions[step] for step in transitions]
    states = tuple(sorted({source for step in steps for source in step.sources}))
    separations = [step.separation.columns for step in steps if step.separation is not None]

    def waits(row: Any, caller: Principal) -> sa.ColumnElement[bool]:
        return sa.and_(row.status.in_(states), sa.true() if when is None else when(row, caller))

    return WorkKind(
        name,
        description,
        workflow.model,
        frozenset[Role]().union(*[_roles(step, assignee) for step in steps]),
        waits,
        assignee,
        tuple(dict.fromkeys((*not_for, *[name for names in separations for name in names]))),
        participants,
        due,
        by,
        frozenset[Role]().union(*[step.roles for step in steps]),
        states,
    )


def _roles(step: Transition, assignee: str | None) -> frozenset[Role]:
    return step.permission.roles if assignee in step.owners else step.roles


def kinds_for(caller: Principal) -> Sequence[WorkKind]:
    """Return the kinds of work that can wait for a user of the caller's role."""
    return [kind for kind in WORK_KINDS.values() if kind.is_for(caller)]

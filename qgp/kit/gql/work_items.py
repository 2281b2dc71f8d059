"""Root field `myWork`: what waits for the caller, over all registers."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Annotated, Any, cast
from uuid import UUID

import sqlalchemy as sa
import strawberry
from strawberry import UNSET
from strawberry.types.base import StrawberryOptional

from qgp.kit import work_statements
from qgp.kit.access import Access
from qgp.kit.assignment import USERS
from qgp.kit.context import Context
from qgp.kit.described_enum import described_enum
from qgp.kit.gql.connection import Connection, Rows
from qgp.kit.gql.connection_fields import FIRST, After, Before, First, Last, ListingArguments
from qgp.kit.gql.fields import TYPES, Info, Node, argument, computed, object_type
from qgp.kit.gql.filter_purpose import plain_filter
from qgp.kit.gql.filter_sql import FilterShape, parse_filter, shape_conditions
from qgp.kit.gql.filters import (
    BooleanFilter,
    DateFilter,
    EnumFilter,
    filter_field,
    filters,
    lazy_filter,
)
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.workflows import field_of
from qgp.kit.listing import Order, page_of
from qgp.kit.model import Record, records
from qgp.kit.pending_work import WORK_KINDS, WorkKind, kinds_for
from qgp.kit.policy import EVERYONE, Permission
from qgp.kit.sql_statement import SqlStatement, compile_statement
from qgp.kit.visibility import NODES
from qgp.kit.work_statements import KEYS, number_of_items, page_of_items

READ_OWN = Permission("work:readOwn", EVERYONE)
_Filter: Any = lazy_filter("WorkItem", __name__)  # made by `publish`


@dataclass(frozen=True)
class Item:
    """Row of `WorkItem`."""

    kind: str
    id: UUID
    due_on: datetime.date | None
    is_overdue: bool
    days_until_due: int | None
    on_behalf_of_id: UUID | None


async def _record(root: Any, info: Info) -> Any:
    loader = NODES[WORK_KINDS[root.kind].model.prefix]
    return await info.context.load(loader, root.id)


async def _absent(root: Any, info: Info) -> Any:
    if root.on_behalf_of_id is None:
        return None
    return await info.context.load(NODES[_users().prefix], root.on_behalf_of_id)


@object_type
class WorkItem:
    """Work that waits for the caller: a record, and what is to be done with it.

    A record can wait for two reasons, once with each `kind`. It goes away when the work is done, by
    whomever.
    """

    kind: str = computed(lambda root: root.kind, "Work that is to be done.")
    record: Node | None = computed(
        _record, "Record that waits; null if it was changed meanwhile and is hidden from you now."
    )
    due_on: datetime.date | None = computed(
        lambda root: root.due_on, "Due date of the work, see `kind`; null where it has none."
    )
    is_overdue: bool = computed(
        lambda root: root.is_overdue,
        "Whether `dueOn` is before today, in the time zone of your organization.",
    )
    days_until_due: int | None = computed(
        lambda root: root.days_until_due,
        "Days from today until `dueOn`, in the time zone of your organization: 0 on the due date, "
        "negative after it; null without a due date.",
    )
    on_behalf_of: Node | None = computed(
        _absent,
        "User to whom the record is assigned, and whom you represent by a `Delegation` today; null "
        "for your own work, and for work of everyone of your role.",
    )


def _users() -> type[Record]:
    return records()[USERS]


# Compiled once for callers of equal access: to build and compile it takes as long as ten reads.
@lru_cache(256)
def _page(
    access: Access,
    shape: FilterShape | None,
    nulls: tuple[bool, ...] | None,
    *,
    backward: bool,
) -> SqlStatement:
    """Return the statement of a page; `nulls` tells which keys of its cursor are null."""
    caller, start = access.caller, None
    if nulls is not None:
        start = [
            None if is_null else sa.bindparam(f"start_{place}", type_=key.expression.type)
            for place, (key, is_null) in enumerate(zip(KEYS, nulls, strict=True))
        ]
    statement = page_of_items(
        kinds_for(caller),
        caller,
        shape_conditions(shape, caller, _operand),
        start=start,
        limit=sa.bindparam("limit", type_=sa.Integer),
        backward=backward,
    )
    return compile_statement(statement)


@lru_cache(256)
def _count(access: Access, shape: FilterShape | None) -> SqlStatement:
    caller = access.caller
    limits = shape_conditions(shape, caller, _operand)
    return compile_statement(number_of_items(kinds_for(caller), caller, limits))


def _operand(place: int, _: Any, kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    return sa.bindparam(f"operand_{place}", type_=kind)


async def _none() -> int:
    return 0


async def _my_work(
    info: Info,
    filter: Annotated[_Filter | None, argument("Conditions on the work.")] = UNSET,
    first: First = FIRST,
    after: After = UNSET,
    last: Last = UNSET,
    before: Before = UNSET,
) -> Rows:
    context = info.context
    arguments = ListingArguments.of(context.paging, filter, UNSET, first, after, last, before)
    bounds, caller = arguments.bounds, context.caller
    parsed = parse_filter(arguments.filter, caller)
    order = Order.of(
        KEYS,
        context.signing_key,
        list="myWork",
        organization=caller.organization_id,
        filter=plain_filter(arguments.filter),
    )
    shape = Access.of(caller), parsed.shape
    operands = {f"operand_{place}": operand for place, operand in enumerate(parsed.operands)}
    if not kinds_for(caller):
        return Rows(page_of([], bounds), order, _none)
    start = order.cursor_keys(bounds)
    nulls = None if start is None else tuple(key is None for key in start)
    parameters = {f"start_{place}": key for place, key in enumerate(start or ())}
    parameters |= {"limit": bounds.size + 1, **operands}
    page = await context.compiled(_page(*shape, nulls, backward=bounds.backward), parameters)
    selected = [(Item(*row[:6]), *row[6:]) for row in page]

    return Rows(page_of(selected, bounds), order, partial(_number, context, shape, operands))


async def _number(
    context: Context, shape: tuple[Access, FilterShape | None], operands: Mapping[str, Any]
) -> int:
    return int((await context.compiled(_count(*shape), operands))[0][0])


async def number_waiting(context: Context) -> int:
    """Return the `totalCount` of the caller's `myWork`."""
    caller = context.caller
    return await _number(context, (Access.of(caller), None), {}) if kinds_for(caller) else 0


_field: Any = strawberry.field(
    _my_work,
    description="Work that waits for you over all registers, by due date: the overdue first, that "
    "without one last. It is what you own, what users own who delegate their work to you today, as "
    "far as your own rights suffice to do it, and what waits for everyone of your role, without "
    "records that are hidden from you or in which segregation of duties bars you.",
    extensions=[Requires(READ_OWN)],
)


@strawberry.type
class Query:
    """Root field that reads pending work."""

    my_work: Connection[WorkItem] | None = _field


def publish(kinds: Collection[WorkKind]) -> None:
    """Make the enum of the kinds and the filter, once: the modules declare the kinds."""
    if "WorkItemFilter" in globals():
        return
    values = {kind.name: (kind.name, kind.description) for kind in kinds}
    text = "Kind of work that waits for a user, in the order of the registers."
    closed_set, operators_of = described_enum("WorkKind", values, text), cast("Any", EnumFilter)
    field_of(WorkItem, "kind").type = closed_set.__strawberry_definition__
    field_of(WorkItem, "on_behalf_of").type = StrawberryOptional(TYPES[_users()])
    fields: dict[str, tuple[Any, str]] = {
        "kind": (operators_of[closed_set], "Work that is to be done."),
        "due_on": (DateFilter, "Due date of the work."),
        "is_overdue": (BooleanFilter, "Whether the due date is before today."),
    }
    body: dict[str, Any] = {name: filter_field(text) for name, (_, text) in fields.items()}
    hints = {name: operators | None for name, (operators, _) in fields.items()}
    filter_class = type(
        "WorkItemFilter", (), {**body, "__annotations__": hints, "__module__": __name__}
    )
    globals()["WorkItemFilter"] = filters(work_statements.WorkItem)(filter_class)

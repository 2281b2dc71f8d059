"""Composition of the GraphQL schema: MODULES lists every module, one per line."""

from collections.abc import Iterator, Sequence
from functools import cache, lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from graphql import GraphQLEnumType, lexicographic_sort_schema, print_schema
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type, merge_types
from strawberry.types.field import StrawberryField

from qgp.accounts.commands import invitation_delivery
from qgp.accounts.commands.accounts import prove
from qgp.accounts.mutations import SENSITIVE
from qgp.accounts.types import Viewer
from qgp.attachments.commands.attachments import AttachmentUse
from qgp.attachments.facts import uploaded_file
from qgp.engine.partial_plans import PartialPlanExecutor
from qgp.evidence.facts import is_evidence_unfiltered
from qgp.http.limits import Limits
from qgp.http.schema import LimitedSchema
from qgp.http.server_info import ServerInfo, server_info
from qgp.kit.calendar_dates import CalendarDate, CalendarDates
from qgp.kit.composition import compose as compose_exports
from qgp.kit.context import Context
from qgp.kit.facts import LoaderBindings
from qgp.kit.gql import (
    ERROR_TYPES,
    SCALARS,
    Bulk,
    Command,
    CsvImport,
    Mutation,
    TransitionMutations,
    close,
    derived,
    nodes,
    publish,
    work_changes,
    work_items,
)
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.transitionable import share_transitionable
from qgp.kit.names import to_camel
from qgp.kit.open_work import open_work_kinds
from qgp.kit.pending_work import WORK_KINDS
from qgp.kit.policy import permission_names
from qgp.kit.signing import Signing
from qgp.kit.uploads import Uploads
from qgp.kit.workflow import Workflow
from qgp.mail.unsubscribe import MailPreferences
from qgp.notifications.commands.preferences import turn_off
from qgp.reminders.facts import ReminderDates
from qgp.signatures.service import write
from qgp.users.service import InvitationDelivery
from qgp.users.types import OpenWork
from qgp.worker.declared import Declared

MODULES = (
    "accounts",
    "organizations",
    "users",
    "delegations",
    "calendars",
    "standards",
    "processes",
    "templates",
    "audits",
    "findings",
    "programmes",
    "capas",
    "actions",
    "comments",
    "attachments",
    "evidence",
    "signatures",
    "reminders",
    "webhooks",
    "watches",
    "notifications",
    "security",
    "events",  # this and the next refer to all others, so they come last
    "trail",
)


def _calendar_dates() -> Sequence[CalendarDate]:
    return calendar_dates()


# Services that modules provide to modules that come before them in the flow.
PROVIDED = (
    Signing(prove, write),
    AttachmentUse(is_evidence_unfiltered),
    Uploads(uploaded_file),
    InvitationDelivery(invitation_delivery.deliver, invitation_delivery.token),
    ReminderDates(_calendar_dates),
    MailPreferences(turn_off),
)
_READING = """Read operations.

Each list of records is also a CSV file: GET /exports/<list>.csv with the same bearer token, and as
parameters `filter` and `orderBy` in JSON, in the form of its arguments, `columns`, such as
reference,title,owner.email, `delimiter` and `bom`. `exportLinkCreate` returns a link that a browser
downloads without a token."""

_LIVE = """Subscriptions to events, over a WebSocket (graphql-transport-ws) or an event stream.

Rights are checked for each event when it is shown. After a lost connection, `after` with the last
cursor continues without a gap, as long as the events are kept."""


def build(limits: Limits | None = None, *, introspection: bool = True) -> LimitedSchema:
    """Return the schema, made once in a process for the same arguments.

    Args:
        limits: limits of one document.
        introspection: whether anonymous callers may introspect.
    """
    return _merge(limits or Limits(), introspection=introspection)


@cache
def _merge(limits: Limits, *, introspection: bool) -> LimitedSchema:
    """Merge the modules' root types into one schema."""
    compose()
    queries = [module.Query for module in _files("queries")]
    tuple(_files("additions"))
    share_transitionable()
    derived.derive()
    subscriptions = [module.Subscription for module in _files("subscriptions")]
    subscriptions.append(work_changes.Subscription)
    mutations = list(_mutations())
    publish(list(_workflows()))
    work_items.publish(WORK_KINDS.values())
    close(Viewer, "permissions", permission_names())
    close(OpenWork, "kind", open_work_kinds())
    info = create_type("Query", [server_info(limits)])
    return LimitedSchema(
        _merged("Query", [nodes.Query, work_items.Query, *queries, info], _READING),
        create_type("Mutation", mutations, description="Write operations."),
        subscription=_merged("Subscription", subscriptions, _LIVE),
        limits=limits,
        sensitive=SENSITIVE | set(_signed(mutations)),
        may_explore=lambda context: introspection or _is_signed_in(context),
        is_signed_in=_is_signed_in,
        types=[*ERROR_TYPES, ServerInfo],
        execution_context_class=PartialPlanExecutor,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def _merged(name: str, roots: Sequence[type], description: str) -> Any:
    """Return the root type with the fields of all modules."""
    merged: Any = merge_types(name, tuple(roots))
    merged.__strawberry_definition__.description = description
    return merged


@lru_cache(1)  # the applications of one schema need its text once
def sdl(schema: LimitedSchema) -> str:
    """Return the schema as text, sorted so that a diff shows what changed.

    The values of an enum keep the order of their declaration, which has a meaning.
    """
    ordered = lexicographic_sort_schema(schema.graphql)
    for name, kind in ordered.type_map.items():
        if isinstance(kind, GraphQLEnumType):
            declared: Any = schema.graphql.type_map[name]
            kind.values = declared.values
    return print_schema(ordered) + "\n"


def import_models() -> None:
    """Map every table of every module."""
    for name in ("kit.idempotency", "worker.daily_runs", "worker.outbox_cursors"):
        import_module(f"qgp.{name}")
    for name in MODULES:
        import_module(f"qgp.{name}.model")


@cache
def compose() -> None:
    """Register what the modules export with the kit: loaders, workflows, guards, work kinds."""
    import_models()
    tuple(_files("workflow"))
    permissions = [nodes.LOOK_UP, work_items.READ_OWN, *_exports("policy")]
    compose_exports(_exports("loaders"), permissions, _exports("work_kinds"))
    for value in _exports("guards"):
        if isinstance(value, LoaderBindings):
            value.bind()


@cache
def calendar_dates() -> Sequence[CalendarDate]:
    """Return the dates of all modules that belong in the calendars of users."""
    compose()
    declared = (value for value in _exports("facts") if isinstance(value, CalendarDates))
    return [each for dates in declared for each in dates]


@cache
def background_work() -> Declared:
    """Return the background work that the modules declare."""
    compose()
    return Declared.of(_exports("jobs"))


def _files(file: str) -> Iterator[Any]:
    names = (f"qgp.{name}.{file}" for name in MODULES)
    return (import_module(name) for name in names if find_spec(name))


def _exports(file: str) -> Iterator[object]:
    return (value for module in _files(file) for value in vars(module).values())


def _mutations() -> Iterator[StrawberryField]:
    for module in (*_files("types"), *_files("mutations")):
        for name, value in vars(module).items():
            if isinstance(value, Bulk | Command | CsvImport | Mutation):
                yield value.field(name)
            elif isinstance(value, TransitionMutations):
                yield from value.fields()
            elif isinstance(value, StrawberryField):
                value.python_name = name
                yield value


def _workflows() -> Iterator[Workflow]:
    for module in _files("mutations"):
        for value in vars(module).values():
            if isinstance(value, TransitionMutations):
                yield value.workflow


def _signed(mutations: Sequence[StrawberryField]) -> Iterator[str]:
    """Yield the names of the mutations that take a signature, and so check a password."""
    for field in mutations:
        command = field.metadata.get(DECLARED)
        if isinstance(command, Command) and command.is_signed:
            yield to_camel(field.python_name)


def _is_signed_in(context: object) -> bool:
    return isinstance(context, Context) and context.principal is not None

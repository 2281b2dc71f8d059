"""The GraphQL vocabulary that modules are written in."""

from qgp.kit.gql.additions import adds_to
from qgp.kit.gql.bulk import Bulk, bulk
from qgp.kit.gql.command import Beside, Command, Offer, command
from qgp.kit.gql.connection import Connection, Edge
from qgp.kit.gql.enums import described
from qgp.kit.gql.failures import ERROR_TYPES, UserError, told
from qgp.kit.gql.fields import (
    AvailableTransition,
    Info,
    Node,
    Public,
    Recorded,
    Requires,
    belongs_to,
    column,
    computed,
    expression,
    find,
    has_many,
    reachable,
    record,
    transitions,
    viewer_can,
)
from qgp.kit.gql.filters import (
    BooleanFilter,
    DateFilter,
    DateTimeFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    related,
    some,
    where,
)
from qgp.kit.gql.inputs import PROSE, given, key_field, step, version_field
from qgp.kit.gql.ordering import OrderDirection, ordering
from qgp.kit.gql.registers import listing
from qgp.kit.gql.scalars import LONGEST_URL, SCALARS, URL

__all__ = [
    "ERROR_TYPES",
    "LONGEST_URL",
    "PROSE",
    "SCALARS",
    "URL",
    "AvailableTransition",
    "Beside",
    "BooleanFilter",
    "Bulk",
    "Command",
    "Connection",
    "DateFilter",
    "DateTimeFilter",
    "Edge",
    "EnumFilter",
    "IDFilter",
    "Info",
    "IntFilter",
    "Node",
    "Offer",
    "OrderDirection",
    "Public",
    "Recorded",
    "Requires",
    "StringFilter",
    "UserError",
    "adds_to",
    "belongs_to",
    "bulk",
    "column",
    "command",
    "computed",
    "described",
    "expression",
    "filters",
    "find",
    "given",
    "has_many",
    "key_field",
    "listing",
    "ordering",
    "reachable",
    "record",
    "related",
    "some",
    "step",
    "told",
    "transitions",
    "version_field",
    "viewer_can",
    "where",
]

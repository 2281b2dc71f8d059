"""Declarations of GraphQL types, fields and mutations: the public names that modules import."""

from qgp.kit.gql.additions import adds_to
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.bulk import Bulk, bulk
from qgp.kit.gql.command import Command, command
from qgp.kit.gql.command_inputs import command_input
from qgp.kit.gql.computed_lists import ComputedPage, computed_listing
from qgp.kit.gql.connection import Connection
from qgp.kit.gql.connection_fields import listing
from qgp.kit.gql.csv_history import History
from qgp.kit.gql.csv_imports import CsvImport, csv_import
from qgp.kit.gql.due_dates import days_until_due, is_overdue
from qgp.kit.gql.edits import create, entry_input, update
from qgp.kit.gql.fields import (
    Info,
    Node,
    Recorded,
    argument,
    column,
    computed,
    excerpt_type,
    expression,
    interface_type,
    nested_object,
    object_type,
    public_id,
    record,
)
from qgp.kit.gql.imported import Imported
from qgp.kit.gql.inputs import (
    SignatureInput,
    input_field,
    input_type,
    key_field,
    signature_field,
)
from qgp.kit.gql.mutations import Mutation, Payload, mutation
from qgp.kit.gql.payloads import Offer
from qgp.kit.gql.relations import belongs_to, has_many, number_of, subject_field
from qgp.kit.gql.roots import Public, Requires, lookup
from qgp.kit.gql.scalars import SCALARS, URL
from qgp.kit.gql.user_errors import ERROR_TYPES
from qgp.kit.gql.uses import CODE, CREATE, EDITABLE, FILTER, LISTED, SORT, UPDATE
from qgp.kit.gql.viewer_permissions import viewer_can, viewer_can_on, viewer_is
from qgp.kit.gql.workflows import (
    AvailableTransition,
    TransitionMutations,
    close,
    mutations_of,
    publish,
    transitions,
)
from qgp.kit.text_normalization import PROSE
from qgp.kit.transitions import OPTIONAL_REASON, REASON, Input

__all__ = [
    "CODE",
    "CREATE",
    "EDITABLE",
    "ERROR_TYPES",
    "FILTER",
    "LISTED",
    "OPTIONAL_REASON",
    "PROSE",
    "REASON",
    "SCALARS",
    "SORT",
    "UPDATE",
    "URL",
    "AvailableTransition",
    "Bulk",
    "Command",
    "ComputedPage",
    "Connection",
    "CsvImport",
    "History",
    "Imported",
    "Info",
    "Input",
    "Mutation",
    "Node",
    "Offer",
    "Payload",
    "Public",
    "Recorded",
    "Requires",
    "SignatureInput",
    "TransitionMutations",
    "adds_to",
    "argument",
    "belongs_to",
    "bulk",
    "close",
    "column",
    "command",
    "command_input",
    "computed",
    "computed_listing",
    "create",
    "csv_import",
    "days_until_due",
    "entry_input",
    "excerpt_type",
    "expression",
    "has_many",
    "input_field",
    "input_type",
    "interface_type",
    "is_overdue",
    "key_field",
    "listing",
    "lookup",
    "mutation",
    "mutations_of",
    "nested_object",
    "number_of",
    "object_type",
    "plain_list",
    "public_id",
    "publish",
    "record",
    "signature_field",
    "subject_field",
    "transitions",
    "update",
    "viewer_can",
    "viewer_can_on",
    "viewer_is",
]

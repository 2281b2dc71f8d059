"""Names, inputs and payloads follow the API's rules, whichever module they come from."""

import inspect
import re
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
)

from qgp.kit.gql import Bulk, Command
from qgp.kit.gql.command_inputs import CommandInput
from qgp.kit.gql.declarations import DECLARED, Relation
from qgp.kit.gql.fields import TYPES
from qgp.kit.model import records
from qgp.kit.names import words
from tests.kit.built import (
    OWN_TYPES,
    PUBLIC,
    command_of,
    declared,
    mutations,
    transitions_of,
)


def test_names_follow_the_rules() -> None:
    for name, kind in OWN_TYPES.items():
        assert re.fullmatch(r"[A-Z][A-Za-z0-9]*", name), name
        if isinstance(kind, GraphQLEnumType):
            assert all(re.fullmatch(r"[A-Z][A-Z0-9_]*", value) for value in kind.values), name
        elif isinstance(kind, GraphQLObjectType | GraphQLInputObjectType | GraphQLInterfaceType):
            assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", field) for field in kind.fields), name


def test_inputs_end_in_what_they_are() -> None:
    ends = ("Input", "Filter", "Order", "By")
    inputs = [n for n, kind in OWN_TYPES.items() if isinstance(kind, GraphQLInputObjectType)]
    assert [name for name in inputs if not name.endswith(ends)] == []


def test_times_and_yes_or_no_are_named_as_such() -> None:
    wrong = []
    for owner, kind in OWN_TYPES.items():
        if not isinstance(kind, GraphQLObjectType):
            continue
        for name, field in kind.fields.items():
            inner = get_named_type(field.type).name
            if inner == "DateTime" and not name.endswith("At") and name != "now":
                wrong.append(f"{owner}.{name}")
            if inner == "Boolean" and not re.match(
                r"(is|has|requires|viewerCan|viewerIs)[A-Z]", name
            ):
                wrong.append(f"{owner}.{name}")
    assert wrong == []


def test_every_mutation_names_its_object_first() -> None:
    nouns = [kind.__name__ for kind in TYPES.values()]
    by_us = [name for name, f in mutations().items() if isinstance(command_of(f), Command)]
    assert len(by_us) > 15
    for name in by_us:
        title = name[0].upper() + name[1:]
        is_named = any(title.startswith(noun) and title != noun for noun in nouns)
        assert is_named or title.startswith(("ClauseAssess", "FileUpload", "RecordSign")), name


def test_every_mutation_takes_its_input_and_returns_its_payload() -> None:
    for name, field in mutations().items():
        title = name[0].upper() + name[1:]
        assert str(field.type) == f"{title}Payload"
        assert set(field.args) <= {"input"}
        if field.args:
            assert str(field.args["input"].type) == f"{title}Input!"


def test_every_relation_follows_a_column_of_its_record() -> None:
    """Which is named after the field, unless the field names another one."""
    followed = {}
    for model, kind in TYPES.items():
        definition: Any = kind.__strawberry_definition__  # type: ignore[attr-defined]  # a type
        for field in definition.fields:
            if isinstance(declared := field.metadata.get(DECLARED), Relation):
                assert declared.key in model.__mapper__.columns, f"{kind.__name__}.{field.name}"
                followed[f"{kind.__name__}.{field.python_name}"] = declared.key
    assert followed["Finding.owner"] == "owner_id"
    assert followed["Finding.primary_clause"] == "id"


def test_every_payload_tells_its_errors() -> None:
    for field in mutations().values():
        payload = get_named_type(field.type)
        assert isinstance(payload, GraphQLObjectType)
        assert str(payload.fields["errors"].type) == "[UserError!]!"


def test_every_payload_of_a_command_holds_its_record_or_null() -> None:
    for name, field in mutations().items():
        command = command_of(field)
        if isinstance(command, Command):
            kind = TYPES[command.model].__name__
            payload = get_named_type(field.type)
            assert isinstance(payload, GraphQLObjectType)
            record_field = kind[0].lower() + kind[1:]
            assert str(payload.fields[record_field].type) == kind, name
            assert (f"{record_field}Edge" in payload.fields) == command.creates, name


def test_updates_and_transitions_ask_for_the_version() -> None:
    for name, field in mutations().items():
        command = command_of(field)
        if isinstance(command, Command):
            input_type: Any = get_named_type(field.args["input"].type)
            assert ("expectedVersion" in input_type.fields) != command.creates, name
            assert command.creates or str(input_type.fields["expectedVersion"].type) == "Int!", name


def test_a_step_names_the_record_that_its_id_and_version_are_of() -> None:
    """Which is another one than comes back where something is taken away."""
    named = {kind.prefix: TYPES[kind].__name__ for kind in records().values()}
    others = set()
    for name, field in mutations().items():
        command = command_of(field)
        if isinstance(command, Command) and isinstance(command.input, CommandInput):
            input_type: Any = get_named_type(field.args["input"].type)
            record, returned = (
                named[command.input.id_of or command.model.prefix],
                TYPES[command.model].__name__,
            )
            assert input_type.fields["id"].description == f"The {words(record)}.", name
            assert input_type.description == f"Parameters for `{name}`."
            if record != returned:
                others.add(name)
                version = input_type.fields["expectedVersion"].description
                assert f" of the {words(record)} " in version
    assert others >= {"programmeItemRemove", "auditTeamMemberRemove"}


def test_creates_transitions_and_steps_take_an_idempotency_key() -> None:
    moves = {name for kind in records().values() for name in transitions_of(kind)}
    for name, field in mutations().items():
        command = command_of(field)
        if isinstance(command, Command) and (
            command.creates or name in moves or isinstance(command.input, CommandInput)
        ):
            input_type: Any = get_named_type(field.args["input"].type)
            assert "idempotencyKey" in input_type.fields, name


def test_inputs_never_set_what_only_the_server_decides() -> None:
    theirs = {"status", "version", "organizationId", "createdAt", "updatedAt", "createdById"}
    settable = [
        f"{name}.{field}"
        for name, kind in OWN_TYPES.items()
        if isinstance(kind, GraphQLInputObjectType) and name.endswith("Input")
        for field in theirs & set(kind.fields)
    ]
    assert settable == []


def test_every_transition_is_a_mutation_that_all_its_roles_may_call() -> None:
    moves = [
        (name, move) for kind in records().values() for name, move in transitions_of(kind).items()
    ]
    assert len(moves) >= 7
    for name, move in moves:
        command = command_of(mutations()[name])
        if isinstance(command, Command):
            beyond = (
                command.permission.roles - move.roles
            )  # may own the record, and move it as its owner
            assert move.roles <= command.permission.roles, (
                f"{name}: availableTransitions would mislead"
            )
            assert move.owners or not beyond, f"{name}: availableTransitions would mislead"
        else:
            assert name in PUBLIC, f"{name} is guarded otherwise, in a way this test cannot read"


def test_what_the_viewer_can_is_what_the_mutation_asks() -> None:
    """`viewerCanUpdate` and `xUpdate` hold the same permission, and so on for every verb."""
    compared = 0
    for kind in TYPES.values():
        for name, field in OWN_TYPES[kind.__name__].fields.items():  # type: ignore[attr-defined]  # an object
            verb = name.removeprefix("viewerCan")
            mutation = kind.__name__[0].lower() + kind.__name__[1:] + verb
            if verb != name and mutation in mutations():
                resolver: Any = declared(field).base_resolver
                permission = inspect.getclosurevars(resolver.wrapped_func).nonlocals["permission"]
                command = command_of(mutations()[mutation])
                command = command.each if isinstance(command, Bulk) else command
                assert isinstance(command, Command)
                assert permission is command.permission, f"{kind.__name__}.{name}"
                compared += 1
    assert compared >= 6

"""Input readers return what graphql-core, Strawberry and `arguments` do, or refuse the input."""

import random
from typing import Any

import pytest
from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLInputObjectType,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_enum_type,
    is_list_type,
    is_required_input_field,
    parse,
)
from graphql.execution.values import VariableValues, get_variable_values

from qgp.engine.arguments import keyword_arguments
from qgp.kit import ids
from qgp.kit.gql.command import Command
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.input_readers import InputReader, Unusual
from qgp.kit.gql.inputs import InputField, RefusedInput, arguments
from tests.kit.built import BUILT, GRAPHQL, command_of, declared, mutations

LEAVES: dict[str, list[Any]] = {
    "Int": [0, 1, 3],
    "Boolean": [True, False],
    "ID": ["usr_x"],
    "String": ["x", "  Größe\n", "de"],
    "Date": ["2027-03-01"],
    "Decimal": ["1", "2.50"],
    "DateTime": ["2027-03-01T00:00:00+02:00"],
    "URL": ["https://x.example/ä"],
}
ODD: list[Any] = [
    None, "", " ", 1, 1.0, 2**31, -(2**31), True, "1", [], [None], {}, {"x": 1}, "x" * 9000,
    "\u202ex", "2027-02-30", "nonsense", [["x"]], float("nan"),
]  # fmt: skip


def commands() -> dict[str, GraphQLField]:
    """Return the mutations that are unsigned commands."""
    fields = {name: (field, command_of(field)) for name, field in mutations().items()}
    return {
        name: field
        for name, (field, command) in fields.items()
        if isinstance(command, Command) and not command.is_signed
    }


class Inputs:
    """Random inputs of one seed.

    Args:
        odd: share of the values that are odd, and of the required fields that are left out.
    """

    def __init__(self, seed: int, odd: float = 0) -> None:
        self._random, self._odd = random.Random(seed), odd

    def value(self, kind: Any, rule: InputField) -> Any:
        """Return a value of an input type."""
        kind = get_nullable_type(kind)
        if self._random.random() < self._odd:
            return self._random.choice(ODD)
        if is_list_type(kind):
            return [self.value(kind.of_type, rule) for _ in range(self._random.randrange(3))]
        if is_enum_type(kind):
            return self._random.choice(list(kind.values))
        if isinstance(kind, GraphQLInputObjectType):
            return self.object(kind)
        if kind.name == "ID" and rule.id_of:
            return ids.encode(rule.id_of, ids.uuid7())
        return self._random.choice(LEAVES[kind.name])

    def object(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        """Return an input object."""
        sent: dict[str, Any] = {}
        for name, field in kind.fields.items():
            share = 1 - self._odd / 4 if is_required_input_field(field) else 0.6
            rule = declared(field).metadata[DECLARED]
            if self._random.random() < share:
                sent[name] = self.value(field.type, rule)
        return sent | ({"colour": "red"} if self._random.random() < self._odd / 8 else {})


def converted(mutation: str, field: GraphQLField, value: Any) -> dict[str, Any] | None:
    """Return the arguments of the service as the resolvers do; None for a refused input."""
    kind = field.args["input"].type
    document = parse(f"mutation ($i: {kind}) {{ {mutation}(input: $i) {{ __typename }} }}")
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    variables = get_variable_values(GRAPHQL, operation.variable_definitions or (), {"i": value})
    if not isinstance(variables, VariableValues):
        return None
    node: Any = operation.selection_set.selections[0]
    try:
        return arguments(keyword_arguments(field, node, variables, BUILT)["input"])
    except (GraphQLError, RefusedInput):
        return None


def read(kind: Any, value: Any) -> dict[str, Any] | None:
    try:
        return InputReader(get_named_type(kind))(value)
    except Unusual:
        return None


@pytest.mark.parametrize(("odd", "rounds"), [(0, 6), (0.2, 12)])
def test_inputs_of_all_commands_are_read_as_the_resolvers_convert_them(
    odd: float, rounds: int
) -> None:
    counts = {"read": 0, "refused": 0}
    for mutation, field in commands().items():
        kind = field.args["input"].type
        for seed in range(rounds):
            value = Inputs(seed, odd).object(get_named_type(kind))  # type: ignore[arg-type]  # an input
            expected, actual = converted(mutation, field, value), read(kind, value)
            if actual is not None or not odd:
                assert repr(actual) == repr(expected), (mutation, value)
            counts["refused" if actual is None else "read"] += 1
    assert counts["read"] > 5 * counts["refused"] if not odd else min(counts.values()) > 100


def test_every_input_has_a_reader() -> None:
    assert len(commands()) > 100
    for field in commands().values():
        InputReader(get_named_type(field.args["input"].type))  # type: ignore[arg-type]  # an input


@pytest.mark.parametrize("value", [None, [], "x", 1, {"code": "A", "name": 1.5}])
def test_what_is_no_object_of_the_input_is_refused(value: Any) -> None:
    kind: Any = GRAPHQL.type_map["SiteCreateInput"]
    assert read(kind, value) is None

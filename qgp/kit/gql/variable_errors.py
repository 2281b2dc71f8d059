"""Errors in the variables of a request, with the path and the value as JSON."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from graphql import (
    GraphQLError,
    GraphQLSchema,
    VariableDefinitionNode,
    is_input_type,
    is_non_null_type,
    type_from_ast,
)
from graphql.pyutils import inspect
from graphql.utilities.validate_input_value import validate_input_value

_MOST = 20
_SHOWN = 100  # characters of a value that a message repeats


class _Enough(Exception):
    """The most errors of a response are collected."""


def variable_errors(
    schema: GraphQLSchema,
    definitions: Sequence[VariableDefinitionNode],
    variables: Mapping[str, Any],
    *,
    hide_suggestions: bool,
) -> list[GraphQLError]:
    """Return an error for each value that does not fit its type; at most 20."""
    errors: list[GraphQLError] = []
    try:
        for node in definitions:
            _validate(schema, node, variables, errors, hide_suggestions=hide_suggestions)
    except _Enough:
        pass
    return errors


def _validate(
    schema: GraphQLSchema,
    node: VariableDefinitionNode,
    variables: Mapping[str, Any],
    errors: list[GraphQLError],
    *,
    hide_suggestions: bool,
) -> None:
    name, kind = node.variable.name.value, type_from_ast(schema, node.type)

    def note(error: GraphQLError, path: Sequence[str | int]) -> None:
        if len(errors) >= _MOST:
            raise _Enough
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
        at = f" at {place[:_SHOWN]}" if place else ""
        message = _with_json_value(error.message, variables.get(name), path)
        errors.append(
            GraphQLError(
                f"Variable '${name}' has invalid value{at}: {message}",
                node,
                extensions={"code": "BAD_USER_INPUT", "path": [name, *path]},
            )
        )

    if not is_input_type(kind):
        return
    if name in variables:
        validate_input_value(variables[name], kind, note, hide_suggestions)
    elif is_non_null_type(kind) and node.default_value is None:
        note(GraphQLError(f"Expected a value of non-null type '{kind}'; none was sent."), [])


def _with_json_value(message: str, value: Any, path: Sequence[str | int]) -> str:
    """Return the message with the invalid value as JSON."""
    for key in path:
        if isinstance(value, dict | list):
            value = value[key]  # type: ignore[index]  # the path leads through the value
    if isinstance(value, str):
        return message
    if value is None:
        return message.replace("not to be None", "not to be null")
    try:
        text = orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # a whole number of more than 64 bits
        text = str(value)
    shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
    return message.replace(inspect(value), shown)

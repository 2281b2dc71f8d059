"""Total of the input values of a request, counted before any of them is converted.

Each literal, each default and each value of a variable counts as often as the document uses it.
One pass over the document and one over the variables, neither of them recursive.
"""

from collections.abc import Iterator, Mapping, Set
from typing import Any

from graphql import (
    ArgumentNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLSchema,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_input_type,
    type_from_ast,
)

from qgp.http.document_limits import too_complex
from qgp.http.input_counts import (
    Declared,
    InputCounter,
    InputCounts,
    Kind,
    defaults_beside,
    input_field,
    kind_of,
    longest_text,
)
from qgp.http.limits import Limits
from qgp.kit.errors import Invalid
from qgp.kit.gql.filter_bounds import check_filter
from qgp.kit.gql.operation import Operation

_Filter = tuple[GraphQLInputObjectType, ArgumentNode]


class InputValues:
    """Counts and bounds the input values of one operation.

    Raises:
        GraphQLError: a list literal is longer than a list may be.
    """

    def __init__(self, schema: GraphQLSchema, operation: Operation, limits: Limits) -> None:
        self._limits = limits
        counter = InputCounter(schema, limits)
        self._counts = counter.operation(operation)
        self._filters = [*_distinct(self._counts.filters)]
        self._declared: dict[str, Declared] = {}
        self._defaults: dict[str, ValueNode] = {}
        self._default_sizes: dict[str, int] = {}
        for one in operation.node.variable_definitions or ():
            name = one.variable.name.value
            self._declared[name] = _declared(schema, one)
            if one.default_value:
                self._defaults[name] = one.default_value
                counter.value(default := InputCounts(), one.default_value, self._declared[name])
                self._default_sizes[name] = default.values

    @property
    def variables(self) -> Set[str]:
        """The variables that are used."""
        return self._counts.uses.keys()

    def check(self, variables: Mapping[str, Any]) -> None:
        """Check the input values of a request.

        Raises:
            GraphQLError: a text is too long, there are more values than `input_values`, or a
                filter is beyond its bounds.
        """
        total, uses = self._counts.values, self._counts.uses
        for name, value in variables.items():
            total += uses[name] * self._size(name, value)
        for name, size in self._default_sizes.items():
            total += 0 if name in variables else uses[name] * size
        if total > self._limits.input_values:
            raise too_complex("input_values", total, self._limits.input_values)
        values = {**self._defaults, **variables}
        for kind, argument in self._filters:
            try:
                check_filter(kind, argument.value, values, argument.name.value)
            except Invalid as error:
                raise GraphQLError(error.message, argument, original_error=error) from None

    def _size(self, name: str, value: Any) -> int:
        """Count the values in a variable: lists and objects, what they hold, and inner defaults.

        Raises:
            GraphQLError: a text is longer than the field that takes it allows.
        """
        size, usual = 0, self._limits.text_characters
        most = self._counts.texts.get(name, usual)
        stack: list[tuple[Any, Kind, int]] = [(value, kind_of(self._declared.get(name)), most)]
        while stack:
            one, kind, most = stack.pop()
            size += 1
            if isinstance(one, str):
                if len(one) > most:
                    raise _too_long(name, value, one, most)
            elif isinstance(one, list):
                stack += [(item, kind, most) for item in one]
            elif isinstance(one, dict):
                size += defaults_beside(kind, one)
                for key, item in one.items():
                    inner = input_field(kind, key)
                    stack.append((item, kind_of(inner), longest_text(inner, usual)))
        return size


def variables_used(schema: GraphQLSchema, operation: Operation) -> Set[str]:
    """Return the names of the variables that an operation uses, in its fragments too."""
    return InputValues(schema, operation, Limits()).variables


def _declared(schema: GraphQLSchema, node: VariableDefinitionNode) -> Declared:
    kind = type_from_ast(schema, node.type)
    return GraphQLArgument(kind) if is_input_type(kind) else None


def _distinct(filters: list[_Filter]) -> Iterator[_Filter]:
    """Skip a filter in a variable that is used as a filter of the same type already."""
    seen = set()
    for kind, argument in filters:
        if isinstance(argument.value, VariableNode):
            key = kind.name, argument.value.name.value
            if key in seen:
                continue
            seen.add(key)
        yield kind, argument


def _too_long(name: str, value: Any, text: str, most: int) -> GraphQLError:
    """Return the error for a text that is too long, with its path."""
    path = next(path for path, one in _paths((name,), value) if one is text)
    where = ".".join(map(str, path))
    return GraphQLError(
        f"The value at `{where}` is longer than {most:,} characters. Shorten it.",
        extensions={"code": "BAD_USER_INPUT", "path": list(path)},
    )


def _paths(path: tuple[str | int, ...], value: Any) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Yield every value with its path."""
    yield path, value
    entries = value.items() if isinstance(value, dict) else ()
    for key, item in enumerate(value) if isinstance(value, list) else entries:
        yield from _paths((*path, key), item)

"""Input readers: from the JSON of a mutation's input to the arguments of its service, in one pass.

A reader returns what graphql-core, Strawberry and `arguments` return one after the other, at a
fraction of the cost. Unusual input, valid or not, is left to them, with every error message.
"""

from collections.abc import Callable, Container
from dataclasses import MISSING
from enum import Enum
from typing import Any

from graphql import (
    GraphQLBoolean,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLString,
    Undefined,
    get_nullable_type,
    is_input_object_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_input_field,
)
from strawberry import UNSET
from strawberry.types.base import StrawberryMaybe
from strawberry.types.field import StrawberryField

from qgp.kit.errors import Invalid
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.inputs import InputField

Read = Callable[[Any], Any]
_INTEGERS = range(-(2**31), 2**31)
_ABSENT, _REFUSED = object(), object()


class Unusual(Exception):
    """A value, or a type, that the reader leaves to graphql-core and Strawberry."""


class InputReader:
    """Reader of one input type.

    Raises:
        Unusual: the type has a feature that no input of a command has.
    """

    def __init__(self, kind: GraphQLInputObjectType) -> None:
        definition = kind.extensions["strawberry-definition"]
        if kind.is_one_of or definition.from_input is not None:
            raise Unusual
        firm = getattr(definition.origin, "firm", ())
        self._fields = {name: _Field(name, field, firm) for name, field in kind.fields.items()}
        self._defaults = {field.python_name: field.absent for field in self._fields.values()}
        self._required = {name for name, field in self._fields.items() if field.absent is _REFUSED}
        self._lists = [name for name, value in self._defaults.items() if isinstance(value, list)]
        self._maybe = [name for name, value in self._defaults.items() if value is _ABSENT]

    def __call__(self, data: Any) -> dict[str, Any]:
        """Return the arguments of the service.

        Raises:
            Unusual: the input is malformed, breaks a rule, or is valid in an unusual form.
        """
        if type(data) is not dict or not self._required <= data.keys():
            raise Unusual
        values = self._defaults.copy()  # in the order of the fields
        for name in self._lists:
            values[name] = values[name].copy()
        for name, sent in data.items():
            field = self._fields.get(name)
            if field is None:
                raise Unusual
            value = field.null if sent is None else field.read(sent)
            if value is _REFUSED:
                raise Unusual
            values[field.python_name] = value
        for name in self._maybe:
            if values[name] is _ABSENT:
                del values[name]
        return values


class _Field:
    """Reader of one field.

    Attributes:
        null: the value of null.
        read: returns the value of anything else.
        absent: the value of a field that is left out.
    """

    def __init__(self, name: str, field: GraphQLInputField, firm: Container[str]) -> None:
        part: StrawberryField = field.extensions["strawberry-definition"]
        is_refused = is_non_null_type(field.type) or part.python_name in firm
        self.python_name = part.python_name
        self.null = _REFUSED if is_refused else None
        self.read = _reader(field.type, part.metadata.get(DECLARED, InputField()), name)
        self.absent = _absent(field, part)


def _absent(field: GraphQLInputField, part: StrawberryField) -> Any:
    default = field.default_value
    is_text = isinstance(default, str) and not isinstance(default, Enum)
    if field.default is not None or is_text:
        raise Unusual
    return _default_of_attribute(field, part) if default is Undefined else default


def _default_of_attribute(field: GraphQLInputField, part: StrawberryField) -> Any:
    """Return the value of a field without a default in the schema."""
    if is_required_input_field(field):
        return _REFUSED
    if part.default_factory is not MISSING or part.default not in (MISSING, None, UNSET):
        raise Unusual
    is_left_out = isinstance(part.type, StrawberryMaybe) and part.default is not UNSET
    return _ABSENT if is_left_out else None


def _reader(kind: GraphQLInputType, rule: InputField, name: str) -> Read:
    """Return the reader of a value that is not null."""
    nullable = get_nullable_type(kind)
    if is_list_type(nullable):
        return _list_reader(nullable.of_type, rule, name)
    if is_input_object_type(nullable):
        if not rule.nested:
            raise Unusual
        return InputReader(nullable)
    assert is_leaf_type(nullable)
    return _leaf_reader(nullable, rule, name)


def _list_reader(kind: GraphQLInputType, rule: InputField, name: str) -> Read:
    read, has_nulls = _reader(kind, rule, name), not is_non_null_type(kind)

    def read_list(value: Any) -> list[Any]:
        if type(value) is not list or (None in value and not has_nulls):
            raise Unusual
        return [None if item is None else read(item) for item in value]

    return read_list


def _leaf_reader(kind: GraphQLLeafType, rule: InputField, name: str) -> Read:
    match kind.name:
        case GraphQLString.name | GraphQLID.name:
            return lambda value: _by_rule(rule, _exactly(str, value), name)
        case GraphQLBoolean.name:
            return lambda value: _exactly(bool, value)
        case GraphQLInt.name:
            return _integer
    return lambda value: _by_rule(rule, _coerced(kind, value), name)


def _exactly(type_: type, value: Any) -> Any:
    if type(value) is not type_:
        raise Unusual
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or value not in _INTEGERS:
        raise Unusual
    return value


def _coerced(kind: GraphQLLeafType, value: Any) -> Any:
    try:
        return kind.coerce_input_value(value)
    except Exception:  # noqa: BLE001 as graphql-core does
        raise Unusual from None


def _by_rule(rule: InputField, value: Any, name: str) -> Any:
    try:
        return rule.read(value, name)
    except Invalid:
        raise Unusual from None

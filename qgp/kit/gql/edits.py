"""Create and update mutations of a record, derived from the type that shows it."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, get_origin

import sqlalchemy as sa
import strawberry
from strawberry import UNSET
from strawberry.types.field import StrawberryField

from qgp.kit import editing
from qgp.kit.assignment import assignment_of
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.command import Command
from qgp.kit.gql.declarations import DECLARED, Column, Relation
from qgp.kit.gql.derived import value_type
from qgp.kit.gql.fields import TYPES
from qgp.kit.gql.inputs import explaining_nulls, input_field, key_field, version_field
from qgp.kit.gql.payloads import Offer
from qgp.kit.gql.scalars import LONGEST_URL, URL
from qgp.kit.gql.uses import CREATE, UPDATE, Use, Uses, uses_of
from qgp.kit.model import Record
from qgp.kit.names import one_of, words
from qgp.kit.policy import Permission
from qgp.kit.work import Act


@dataclass(frozen=True)
class _Value:
    """Input field that is derived from a field of a type.

    Attributes:
        name: of the attribute that it sets.
        kind: of its values.
        uses: of the field.
        description: of the field.
        prefix: of the records whose id it takes; None for other values.
        rule: about the users whose id it takes, where it assigns the record to them.
    """

    name: str
    kind: Any
    uses: Uses
    description: str
    prefix: str | None = None
    rule: str | None = None

    def input_field(self, **options: Any) -> Any:
        """Return the input field."""
        bound = LONGEST_URL if self.kind is URL else self.uses.max_length
        texts = [self.description]
        if self.kind is str and self.prefix is None:
            texts.append(f"At most {bound:,} characters.")
        texts += [text for text in (self.rule, self.uses.note) if text]
        return input_field(
            " ".join(texts), id_of=self.prefix, most=bound, shape=self.uses.pattern, **options
        )


def create_input(kind: type, more: type | None = None) -> Any:
    """Make the create input of a type: its fields with the use CREATE.

    A field is optional where its column may be null or has a default.

    Args:
        kind: the GraphQL type.
        more: a class with further input fields, which may replace derived ones.
    """
    fields = {value.name: _set(kind, value) for value in _values(kind, CREATE)}
    key = {"idempotency_key": (str | None, key_field())}
    return _made(f"{kind.__name__}CreateInput", f"{_a(kind)} to create.", fields, more, key)


def update_input(
    kind: type,
    more: type | None = None,
    *,
    only: Collection[str] | None = None,
    verb: str = "Update",
) -> Any:
    """Make the update input of a type: id, version, and its fields with the use UPDATE.

    Args:
        kind: the GraphQL type.
        more: a class with further input fields, which may replace derived ones.
        only: the columns that it has, of these fields; None for all.
        verb: of the mutation, in the input's name.
    """
    model = _model(kind)
    identity: dict[str, tuple[Any, Any]] = {
        "id": (strawberry.ID, input_field(f"The {_words(kind)}.", id_of=model.prefix)),
        "expected_version": (int, version_field()),
    }
    values = [v for v in _values(kind, UPDATE) if only is None or v.name in only]
    fields = {value.name: _kept(kind, value) for value in values}
    text = f"Changes to {one_of(_words(kind))}; omitted fields keep their values, null clears."
    return _made(f"{kind.__name__}{verb}Input", text, identity | fields, more)


def entry_input(kind: type, name: str, description: str, more: type) -> Any:
    """Make the input of a record that is created, or changed where it exists.

    Fields with the use CREATE alone identify the record; an omitted field with the use UPDATE keeps
    its value.

    Args:
        kind: the GraphQL type.
        name: of the input type.
        description: of the input type.
        more: see `create_input`; with the expected version, where the record may exist.
    """
    changes = {value.name: _kept(kind, value) for value in _values(kind, UPDATE)}
    identity = {
        value.name: _set(kind, value)
        for value in _values(kind, CREATE)
        if value.name not in changes
    }
    return explaining_nulls(_made(name, description, identity | changes, more))


def create(
    kind: type,
    permission: Permission,
    act: Act | None = None,
    *,
    description: str | None = None,
    more: type | None = None,
    offers: dict[str, Offer] | None = None,
) -> Command:
    """Declare the mutation that creates a record.

    Args:
        kind: the GraphQL type.
        permission: the permission that the caller must hold.
        act: the service function; None where columns and constraints are the only rules.
        description: of the mutation; None for "Creates a …".
        more: see `create_input`.
        offers: see `Command`.
    """
    model = _model(kind)
    return Command(
        act or editing.create(model),
        create_input(kind, more),
        permission,
        model,
        description or f"Creates {one_of(_words(kind))}.",
        creates=True,
        offers=offers or {},
    )


def update(
    kind: type,
    permission: Permission,
    act: Act | None = None,
    *,
    description: str | None = None,
    more: type | None = None,
    only: Collection[str] | None = None,
    verb: str = "Update",
    offers: dict[str, Offer] | None = None,
) -> Command:
    """Declare the mutation that changes a record; see `create` and `update_input`."""
    model = _model(kind)
    return Command(
        act or editing.change(model),
        update_input(kind, more, only=only, verb=verb),
        permission,
        model,
        description or f"Changes {one_of(_words(kind))}.",
        offers=offers or {},
    )


def _set(kind: type, value: _Value) -> tuple[Any, Any]:
    """Return annotation and input field of a value of a new record."""
    default = value.uses.default
    if get_origin(value.kind) is list:
        return value.kind, value.input_field(default_factory=list)
    if default is not UNSET:
        return value.kind, value.input_field(default=default)
    if _is_required(_model(kind), value.name):
        return value.kind, value.input_field()
    return value.kind | None, value.input_field(default=None)


def _kept(kind: type, value: _Value) -> tuple[Any, Any]:
    """Return annotation and input field of a value that an omitted field keeps."""
    maybe: Any = strawberry.Maybe
    is_nullable = _column(_model(kind), value.name).nullable
    return maybe[value.kind | None] if is_nullable else maybe[value.kind], value.input_field()


def _model(kind: type) -> type[Record]:
    return next(model for model, shown in TYPES.items() if shown is kind)


def _values(kind: Any, use: Use) -> Iterator[_Value]:
    fields: list[StrawberryField] = kind.__strawberry_definition__.fields
    for field in fields:
        uses, text = uses_of(field), field.description or ""
        if use not in uses.use:
            continue
        declared = field.metadata.get(DECLARED)
        if isinstance(declared, Relation):
            prefix = declared.loader.model.prefix
            assignment = assignment_of(_column(_model(kind), declared.key))
            rule = None if assignment is None else assignment.note
            yield _Value(declared.key, strawberry.ID, uses, text, prefix, rule)
        else:
            assert isinstance(declared, Column), f"{kind.__name__}.{field.python_name}"
            yield _Value(field.python_name, value_type(field), uses, text)


def _column(model: type[Record], name: str) -> sa.Column[Any]:
    column: sa.Column[Any] = getattr(model, name).property.columns[0]
    return column


def _is_required(model: type[Record], name: str) -> bool:
    column = _column(model, name)
    return not column.nullable and column.default is None


def _made(
    name: str,
    description: str,
    fields: dict[str, tuple[Any, Any]],
    more: type | None,
    last: dict[str, tuple[Any, Any]] | None = None,
) -> Any:
    further = {} if more is None else more.__annotations__
    fields |= {part: (hint, getattr(more, part)) for part, hint in further.items()}
    fields |= last or {}
    body: dict[str, Any] = {part: field for part, (_, field) in fields.items()}
    body["__annotations__"] = {part: hint for part, (hint, _) in fields.items()}
    return strawberry.input(share_annotations(type(name, (), body)), description=description)


def _words(kind: type) -> str:
    return words(kind.__name__)


def _a(kind: type) -> str:
    text = one_of(_words(kind))
    return text[0].upper() + text[1:]

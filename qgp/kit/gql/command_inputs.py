"""Input types of commands on one record, derived from the declared inputs."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from qgp.kit import ids
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.inputs import (
    SignatureInput,
    input_field,
    key_field,
    signature_field,
    version_field,
)
from qgp.kit.names import one_of, words
from qgp.kit.transitions import Input

Fields = dict[str, tuple[Any, Any]]  # annotation and field, by name
ROWS = "items"  # the field of a bulk mutation's input with its rows


@dataclass(frozen=True)
class CommandInput:
    """Input of a command on one record: id, expected version, idempotency key, further fields.

    Attributes:
        inputs: the further fields.
        id_of: prefix of the record that the id names, where the command returns another one.
        signature: whether a signature is required; None where the command has no signature.
    """

    inputs: Sequence[Input] = ()
    id_of: str | None = None
    signature: bool | None = None

    def named(self, title: str, kind: str, prefix: str) -> type:
        """Return the input type of the mutation `title`.

        Args:
            kind: name of the type that the mutation returns.
            prefix: of the ids of its records.
        """
        fields_ = self._identity(kind, prefix)
        fields_["idempotency_key"] = (str | None, key_field())
        fields_ |= {part.name: _field_of(part) for part in self.inputs}
        if self.signature is not None:
            is_optional = {} if self.signature else {"default": None}
            signs = SignatureInput if self.signature else SignatureInput | None
            fields_["signature"] = (signs, signature_field(**is_optional))
        return _input_type(f"{title}Input", f"Parameters for `{_mutation(title)}`.", fields_)

    def of_rows(self, title: str, kind: str, prefix: str, shared: Collection[str]) -> type:
        """Return the input type of the bulk mutation `title`, whose `items` are records.

        Args:
            title: see `named`; so are `kind` and `prefix`.
            shared: the further fields that hold for every row.
        """
        own_fields = {part.name: _field_of(part) for part in self.inputs if part.name not in shared}
        item_fields = self._identity(kind, prefix) | own_fields
        record = words(ids.named(self.id_of or prefix))
        text = f"{_a(record)} of `{_mutation(title)}`."
        item: Any = _input_type(f"{title}ItemInput", text, item_fields)
        fields_: Fields = {
            ROWS: (list[item], input_field("Records, each in its version; at most 100.")),
            **{part.name: _field_of(part) for part in self.inputs if part.name in shared},
            "idempotency_key": (str | None, key_field()),
        }
        return _input_type(f"{title}Input", f"Parameters for `{_mutation(title)}`.", fields_)

    def _identity(self, kind: str, prefix: str) -> Fields:
        """Return the fields with the record's id and version."""
        id_of = self.id_of or prefix
        record = ids.named(id_of)
        return {
            "id": (strawberry.ID, input_field(f"The {words(record)}.", id_of=id_of)),
            "expected_version": (int, version_field(None if record == kind else words(record))),
        }


def _input_type(name: str, description: str, fields_: Fields) -> type:
    body = {part: field for part, (_, field) in fields_.items()}
    body["__annotations__"] = {part: hint for part, (hint, _) in fields_.items()}
    return strawberry.input(share_annotations(type(name, (), body)), description=description)


def _mutation(title: str) -> str:
    return title[0].lower() + title[1:]


def _a(record: str) -> str:
    text = one_of(record)
    return text[0].upper() + text[1:]


def _field_of(part: Input) -> tuple[Any, Any]:
    """Return annotation and field of a declared input."""
    kind = strawberry.ID if part.id_of else part.kind
    if part.required is True:
        return kind, input_field(part.description, id_of=part.id_of, most=part.max_length)
    field = input_field(part.description, id_of=part.id_of, most=part.max_length, default=None)
    return kind | None, field


def command_input(
    *inputs: Input, id_of: str | None = None, signature: bool | None = None
) -> CommandInput:
    """Return the input of a command on one record; see `CommandInput`."""
    return CommandInput(inputs, id_of, signature)

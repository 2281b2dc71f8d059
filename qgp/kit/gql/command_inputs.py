"""Input types of commands on one record, derived from the declared inputs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import strawberry

from qgp.kit import ids
from qgp.kit.gql.inputs import (
    SignatureInput,
    input_field,
    key_field,
    signature_field,
    version_field,
)
from qgp.kit.names import words
from qgp.kit.transitions import Input


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
        id_of = self.id_of or prefix
        record = ids.named(id_of)
        fields_: dict[str, tuple[Any, Any]] = {
            "id": (strawberry.ID, input_field(f"The {words(record)}.", id_of=id_of)),
            "expected_version": (int, version_field(None if record == kind else words(record))),
            "idempotency_key": (str | None, key_field()),
            **{part.name: _field_of(part) for part in self.inputs},
        }
        if self.signature is not None:
            is_optional = {} if self.signature else {"default": None}
            signs = SignatureInput if self.signature else SignatureInput | None
            fields_["signature"] = (signs, signature_field(**is_optional))
        body = {name: field for name, (_, field) in fields_.items()}
        body["__annotations__"] = {name: hint for name, (hint, _) in fields_.items()}
        input_class = type(f"{title}Input", (), body)
        mutation = title[0].lower() + title[1:]
        return strawberry.input(input_class, description=f"Parameters for `{mutation}`.")


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

"""Inputs of commands on one record, made of what is declared with the command or transition."""

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
from qgp.kit.transitions import Input


@dataclass(frozen=True)
class CommandInput:
    """The input of a command on one record: id, expected version, idempotency key, and further.

    Attributes:
        inputs: further fields.
        id_of: prefix of the record that the id names, where another one is returned.
        signature: whether a signature has to be given; None where the command takes none.
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
            "id": (strawberry.ID, input_field(f"The {record}.", id_of=id_of)),
            "expected_version": (int, version_field(None if record == kind else record)),
            "idempotency_key": (str | None, key_field()),
            **{part.name: _declared(part) for part in self.inputs},
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


def _declared(part: Input) -> tuple[Any, Any]:
    """Return type and field of an input that is declared with a transition."""
    kind = strawberry.ID if part.id_of else part.kind
    if part.required is True:
        return kind, input_field(part.description, id_of=part.id_of, most=part.max_length)
    field = input_field(part.description, id_of=part.id_of, most=part.max_length, default=None)
    return kind | None, field


def command_input(*inputs: Input, id_of: str | None = None) -> CommandInput:
    """The input of a command on one record; see `Step`."""
    return CommandInput(inputs, id_of)

"""Outcome of a command, from which the payload of its mutation is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from qgp.kit.errors import DomainError


@dataclass(frozen=True)
class Result:
    """Outcome of a command.

    Attributes:
        record_id: the record that the payload shows; None where it shows none.
        errors: the reasons why nothing was changed; empty on success.
        answers: see `Work.answers`; empty on refusal, and for a repeated idempotency key.
    """

    record_id: UUID | None = None
    errors: Sequence[DomainError] = ()
    answers: Mapping[str, Any] = field(default_factory=dict)

"""Electronic signatures: the password once more, and what is meant by it (21 CFR 11.50, 11.200).

The kit asks for them and passes them on, to what the application lends as `Signing`: `accounts`
proves that the password is the caller's, `signatures` writes down what was signed. A password goes
no further than to the former.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from qgp.kit import audit
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.model import Record

if TYPE_CHECKING:
    from qgp.kit.context import Context
    from qgp.kit.loader import Reads
    from qgp.kit.work import Work


class Meaning(DescribedEnum, name="SignatureMeaning"):
    """What somebody says by signing."""

    AUTHORED = "AUTHORED", "I wrote this, and it is complete."
    REVIEWED = "REVIEWED", "I reviewed this."
    APPROVED = "APPROVED", "I approve this."
    VERIFIED = "VERIFIED", "I verified that this was done, and that it works."
    ACKNOWLEDGED = "ACKNOWLEDGED", "I have read and understood this."
    REJECTED = "REJECTED", "I reject this."


class Signs(Protocol):
    """What tells whether a command came with a signature."""

    @property
    def signature(self) -> Meaning | None:
        """What the caller proved to mean; None where nothing was signed."""


Prove = Callable[["Context", str, str], Awaitable[None]]
RelatedContent = Callable[["Reads", Any], Awaitable[dict[str, Any]]]
Write = Callable[["Work", Record, Meaning], Awaitable[Any]]


@dataclass(frozen=True)
class Signing:
    """The two acts of a signature, which the application lends to commands.

    Attributes:
        prove: checks a password: of whom, for which mutation, which password. Raises DomainError
            where it is wrong, which counts as a failed log-in, or came too often.
        write: writes down that the caller signs a row as it stands.
    """

    prove: Prove
    write: Write


async def content(reads: "Reads", row: Record) -> dict[str, Any]:
    """Return what is signed of a record as it stands: its own fields, and what belongs to it."""
    fields, tell = audit.content(row), getattr(getattr(row, "workflow", None), "seals", None)
    return fields if tell is None else {**fields, "beside": await tell(reads, row)}


def unsigned(facts: Signs, meaning: Meaning) -> str | None:
    """Guard SIGNATURE: the step is signed by whoever takes it."""
    if facts.signature is not None:
        return None
    return f"It has to be signed. Send `signature` with `proof` and the meaning {meaning.value}."

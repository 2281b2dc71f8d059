"""Electronic signatures: proof by password, and meaning of signature (21 CFR 11.50, 11.200).

The application supplies the service `Signing`: `accounts` checks the password, `signatures` stores
the signed content. A password is passed to `accounts` only.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from qgp.kit import audit
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.former_names import sealed_fields
from qgp.kit.model import Record

if TYPE_CHECKING:
    from qgp.kit.context import Context
    from qgp.kit.loader import Reads
    from qgp.kit.work import Work


class Meaning(DescribedEnum, name="SignatureMeaning"):
    """Meaning of an electronic signature (21 CFR 11.50)."""

    AUTHORED = "AUTHORED", "I wrote this, and it is complete."
    REVIEWED = "REVIEWED", "I reviewed this."
    APPROVED = "APPROVED", "I approve this."
    VERIFIED = "VERIFIED", "I verified that this was done, and that it works."
    ACKNOWLEDGED = "ACKNOWLEDGED", "I have read and understood this."
    REJECTED = "REJECTED", "I reject this."


class Signs(Protocol):
    """Operation that may have a signature."""

    @property
    def signature(self) -> Meaning | None:
        """Meaning of the caller's proven signature; None without one."""


Prove = Callable[["Context", str, str], Awaitable[None]]
RelatedContent = Callable[["Reads", Any], Awaitable[dict[str, Any]]]
Write = Callable[["Work", Record, Meaning], Awaitable[Any]]


@dataclass(frozen=True)
class Signing:
    """Service of electronic signatures.

    Attributes:
        prove: checks the caller's password for a mutation. Raises DomainError where it is wrong,
            which counts as a failed sign-in, or was tried too often.
        write: stores the caller's signature of a row in its current state.
    """

    prove: Prove
    write: Write


def fields(row: Record) -> dict[str, Any]:
    """Return a record's own fields as signatures seal them, under names that never change."""
    return sealed_fields(row.__tablename__, audit.content(row))


async def content(reads: "Reads", row: Record) -> dict[str, Any]:
    """Return the signed content of a record: its audited columns, and its related content."""
    sealed, related = fields(row), getattr(getattr(row, "workflow", None), "seals", None)
    return sealed if related is None else {**sealed, "beside": await related(reads, row)}


def unsigned(context: Signs, meaning: Meaning) -> str | None:
    """Return the message of the blocker SIGNATURE; None where the caller has signed."""
    if context.signature is not None:
        return None
    return (
        f"A signature is required. Send `signature` with `proof` and the meaning {meaning.value}."
    )

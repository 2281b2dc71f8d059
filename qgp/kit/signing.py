"""Electronic signatures: proof by password, and meaning of signature (21 CFR 11.50, 11.200).

The application supplies the service `Signing`: `accounts` checks the password, `signatures` stores
the signed content. A password is passed to `accounts` only.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.model import Record
from qgp.kit.sealing import Seal

if TYPE_CHECKING:
    from qgp.kit.context import Context
    from qgp.kit.work import Work


class Meaning(DescribedEnum, name="SignatureMeaning"):
    """Meaning of an electronic signature (21 CFR 11.50)."""

    AUTHORED = "AUTHORED", "I wrote this, and it is complete."
    REVIEWED = "REVIEWED", "I reviewed this."
    APPROVED = "APPROVED", "I approve this."
    VERIFIED = "VERIFIED", "I verified that this was done, and that it works."
    ACKNOWLEDGED = "ACKNOWLEDGED", "I have read and understood this."
    REJECTED = "REJECTED", "I reject this."

    def required_of(self, context: "Signs") -> str | None:
        """Return the message of the blocker SIGNATURE; None where the caller has signed."""
        if context.signature is not None:
            return None
        return (
            f"A signature is required. Send `signature` with `proof` and the meaning {self.value}."
        )


class Signs(Protocol):
    """Operation that may have a signature."""

    @property
    def signature(self) -> Meaning | None:
        """Meaning of the caller's proven signature; None without one."""


Prove = Callable[["Context", str, str], Awaitable[None]]


class Write(Protocol):
    """Stores the caller's signature of a row in its present version."""

    async def __call__(
        self, work: "Work", row: Record, meaning: Meaning, content: Seal | None = None
    ) -> Any:
        """Store it; `content` is what it seals, None for what the record declares."""


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

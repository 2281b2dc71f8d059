"""Electronic signatures: the password once more, and what is meant by it (21 CFR 11.50, 11.200).

The kit asks for them and passes them on. `accounts` proves that the password is the caller's;
`signatures` writes down what was signed. A password goes no further than to the former.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from qgp.kit import audit
from qgp.kit.errors import Blocker
from qgp.kit.model import Record
from qgp.kit.terms import Term

if TYPE_CHECKING:
    from qgp.kit.context import Context
    from qgp.kit.loader import Reads
    from qgp.kit.work import Work


class Meaning(Term, name="SignatureMeaning"):
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
Tell = Callable[["Reads", Any], Awaitable[dict[str, Any]]]
Write = Callable[["Work", Record, Meaning], Awaitable[Any]]
_acts: dict[str, Any] = {}


def proves(act: Prove) -> Prove:
    """Let this function check passwords: of whom, for which mutation, which password."""
    _acts["prove"] = act
    return act


def writes(act: Write) -> Write:
    """Let this function write down what was signed."""
    _acts["write"] = act
    return act


async def content(reads: "Reads", row: Record) -> dict[str, Any]:
    """Return what is signed of a record as it stands: its own fields, and what belongs to it."""
    own, tell = audit.content(row), getattr(getattr(row, "workflow", None), "seals", None)
    return own if tell is None else {**own, "beside": await tell(reads, row)}


async def prove(context: "Context", action: str, password: str) -> None:
    """Make sure that the caller knows their password.

    Raises:
        DomainError: it is wrong, which counts as a failed log-in; or it came too often.
    """
    await _acts["prove"](context, action, password)


async def write(work: "Work", row: Record, meaning: Meaning) -> None:
    """Write down that the caller signed the row as it stands now."""
    await _acts["write"](work, row, meaning)


def unsigned(facts: Signs, row: Record, meaning: Meaning) -> Sequence[Blocker]:
    """Guard SIGNATURE: the step is signed by whoever takes it."""
    if facts.signature is not None:
        return []
    told = f"It has to be signed. Send `signature` with `proof` and the meaning {meaning.value}."
    return [Blocker("SIGNATURE", told, row.public_id)]

"""Failures a caller can act on.

Raise a `DomainError` when the caller can mend the request; let everything else fly: it is a bug
or an outage, and the edge masks it. Raised by a command it becomes an entry of the payload's
`errors`; raised by a read it becomes a top-level error with `extensions.code`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from qgp.kit.described_enum import DescribedEnum

SIGN_IN_FIRST = "Sign in first: call `login`, then send its accessToken."


class ErrorCode(DescribedEnum, name="UserErrorCode"):
    """Why a command was refused."""

    BAD_USER_INPUT = "BAD_USER_INPUT", "The input breaks a rule: `path` says where."
    REQUIRED = "REQUIRED", "A field that needs a value has none."
    TOO_LONG = "TOO_LONG", "A text has too many characters, or a list too many items."
    OUT_OF_RANGE = "OUT_OF_RANGE", "A number or a date is outside the range that the field takes."
    INVALID_FORMAT = "INVALID_FORMAT", "A value is not written in the form that the field takes."
    NOT_FOUND = "NOT_FOUND", "No such record is visible to you."
    ALREADY_EXISTS = "ALREADY_EXISTS", "Another record holds a value that must be unique."
    STILL_IN_USE = "STILL_IN_USE", "Other records point at this one."
    CONFLICT = "CONFLICT", "Something newer stands, which the payload shows."
    STALE_VERSION = "STALE_VERSION", "The record changed since you read it; read it again."
    TRANSITION_NOT_ALLOWED = "TRANSITION_NOT_ALLOWED", "The state, or a guard, is in the way."
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED", "The key came before with another input."
    CURSOR_MISMATCH = "CURSOR_MISMATCH", "The cursor belongs to another list, filter or order."
    UNAUTHENTICATED = "UNAUTHENTICATED", "Nobody is signed in, or the sign-in has ended."
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS", "Sign-in failed."
    FORBIDDEN = "FORBIDDEN", "Your role does not allow this."
    RATE_LIMITED = "RATE_LIMITED", "Too many attempts; wait before the next one."
    UNAVAILABLE = "UNAVAILABLE", "A part of the service is busy; try again shortly."


class DomainError(Exception):
    """Base of every expected failure.

    Args:
        message: a full sentence to a person: what happened, what to do.
        path: names of the input at fault in camelCase, outermost first; empty for the whole.
    """

    code: ErrorCode

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path: Sequence[str] | None = path or None

    @property
    def extensions(self) -> Mapping[str, object]:
        """What stands beside the message when this error reaches a client at the top level."""
        return {"code": self.code.value}


class Invalid(DomainError):
    """The input breaks a rule that the caller can read in the message.

    At the top level of a response every one of them is BAD_USER_INPUT.

    Args:
        constraint: the rule and its number, for programs: `maxLength=200`, `range=1..5`.
    """

    code = ErrorCode.BAD_USER_INPUT

    def __init__(self, message: str, *path: str, constraint: str | None = None) -> None:
        super().__init__(message, *path)
        self.constraint = constraint

    @property
    def extensions(self) -> Mapping[str, object]:
        """Name the one code that the top level has for all of them."""
        return {"code": ErrorCode.BAD_USER_INPUT.value}

    def at(self, *path: str) -> "Invalid":
        """Return the same refusal of another place of the input."""
        return type(self)(self.message, *path, constraint=self.constraint)


class Required(Invalid):
    """A field that needs a value has none."""

    code = ErrorCode.REQUIRED

    def __init__(self, message: str, *path: str, constraint: str | None = "required") -> None:
        super().__init__(message, *path, constraint=constraint)


class TooLong(Invalid):
    """A text has too many characters, or a list too many items."""

    code = ErrorCode.TOO_LONG


class OutOfRange(Invalid):
    """A number or a date is outside its range."""

    code = ErrorCode.OUT_OF_RANGE


class InvalidFormat(Invalid):
    """A value is not written in the form that its field takes."""

    code = ErrorCode.INVALID_FORMAT


def max_length(most: int) -> str:
    """Constraint on the characters of a text."""
    return f"maxLength={most}"


def max_items(most: int) -> str:
    """Constraint on the items of a list."""
    return f"maxItems={most}"


def require_at_most(most: int, count: int, message: str, *path: str) -> None:
    """Raise TooLong where a list, or what a record has, counts more items than that."""
    if count > most:
        raise TooLong(message, *path, constraint=max_items(most))


def between(least: object, most: object) -> str:
    """Constraint on a number or a date: both bounds are allowed; None leaves that side open.

    A bound may also be another field of the input, by its name in camelCase.
    """
    low, high = ("" if bound is None else str(bound) for bound in (least, most))
    return f"range={low}..{high}"


def above(bound: object) -> str:
    """Constraint on a number or a date that is larger than a bound, or than another field."""
    return f"exclusiveMinimum={bound}"


def under(bound: object) -> str:
    """Constraint on a number or a date that is smaller than a bound, or than another field."""
    return f"exclusiveMaximum={bound}"


def written_as(name: str) -> str:
    """Constraint on how a value is written; named as in JSON Schema where that has a name."""
    return f"format={name}"


def enumerated(values: Iterable[str]) -> str:
    """Constraint on a text that is one of a few."""
    return f"enum={','.join(values)}"


def matching(pattern: str) -> str:
    """Constraint on the whole of a text, as a regular expression."""
    return f"pattern={pattern}"


class NotFound(DomainError):
    """Nothing of that kind is visible to the caller: missing and foreign look alike."""

    code = ErrorCode.NOT_FOUND


class AlreadyExists(DomainError):
    """Another record holds a value that must be unique."""

    code = ErrorCode.ALREADY_EXISTS


class StillInUse(DomainError):
    """Other records depend on this one."""

    code = ErrorCode.STILL_IN_USE


class Unauthenticated(DomainError):
    """No valid sign-in came with the request."""

    code = ErrorCode.UNAUTHENTICATED


class InvalidCredentials(DomainError):
    """Sign-in failed; the same answer whatever the cause."""

    code = ErrorCode.INVALID_CREDENTIALS


class Forbidden(DomainError):
    """The caller is known and may not do this."""

    code = ErrorCode.FORBIDDEN


class CursorMismatch(DomainError):
    """A cursor was used with another filter or order than it was made for."""

    code = ErrorCode.CURSOR_MISMATCH


class IdempotencyKeyReused(DomainError):
    """The same idempotency key came with another input."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSED


class RetryLater(DomainError):
    """Refused for now.

    Args:
        seconds: how long to wait before trying again.
    """

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds

    @property
    def extensions(self) -> Mapping[str, object]:
        """Add `retryAfter` in seconds."""
        return {**super().extensions, "retryAfter": self.seconds}


class RateLimited(RetryLater):
    """Too many attempts."""

    code = ErrorCode.RATE_LIMITED


class Unavailable(RetryLater):
    """A part of the service is busy or away."""

    code = ErrorCode.UNAVAILABLE


class Conflict(DomainError):
    """What the caller sent is older than what is there; nothing was written.

    Args:
        stands: id of the record that stands, for the payload to show.
    """

    code = ErrorCode.CONFLICT

    def __init__(self, message: str, *path: str, stands: UUID) -> None:
        super().__init__(message, *path)
        self.stands = stands


class StaleVersion(DomainError):
    """The record changed since the caller read it; nothing was written."""

    code = ErrorCode.STALE_VERSION

    def __init__(self, *, expected: int, current: int) -> None:
        super().__init__(
            f"This record was changed since you read it (you have version {expected}, it is now "
            f"{current}). Read it again, then repeat your change.",
            "expectedVersion",
        )
        self.expected, self.current = expected, current


@dataclass(frozen=True)
class Blocker:
    """One reason why a transition is not possible now.

    Attributes:
        code: the guard's code, for programs.
        message: a sentence that says what is missing.
        subject: public id of the record in the way, or None.
        is_denial: whether the caller is the reason: their role, or segregation of duties.
    """

    code: str
    message: str
    subject: str | None = None
    is_denial: bool = False


class TransitionNotAllowed(DomainError):
    """The record's state, or one of its guards, does not allow the move."""

    code = ErrorCode.TRANSITION_NOT_ALLOWED

    def __init__(self, message: str, blockers: Sequence[Blocker]) -> None:
        super().__init__(message)
        self.blockers = blockers

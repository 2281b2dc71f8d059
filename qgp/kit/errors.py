"""Domain errors: refusals that a caller can act on, each with a code.

Raise a `DomainError` when the caller can correct the request. Any other exception is a defect or an
outage, which the HTTP layer masks. Raised by a command, a `DomainError` becomes an entry of the
payload's `errors`; raised by a read, a top-level error with `extensions.code`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from qgp.kit.error_codes import ErrorCode

SIGN_IN_FIRST = "Sign in first: call `login`, then send its accessToken."


class DomainError(Exception):
    """Base of every expected failure.

    Args:
        message: full sentences to a person: the problem, the rule, the remedy.
        path: names of the invalid input field in camelCase, outermost first; empty for the whole.
    """

    code: ErrorCode

    def __init__(self, message: str, *path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path: Sequence[str] | None = path or None

    @property
    def extensions(self) -> Mapping[str, object]:
        """The `extensions` of the error at the top level of a response."""
        return {"code": self.code.value}


class Invalid(DomainError):
    """The input breaks a rule, which the message states.

    At the top level of a response its code is always BAD_USER_INPUT.

    Args:
        message: see `DomainError`; so is `path`.
        constraint: the rule with its number, for programs: `maxLength=200`, `range=1..5`.
    """

    code = ErrorCode.BAD_USER_INPUT

    def __init__(self, message: str, *path: str, constraint: str | None = None) -> None:
        super().__init__(message, *path)
        self.constraint = constraint

    @property
    def extensions(self) -> Mapping[str, object]:
        """The code BAD_USER_INPUT, for every class."""
        return {"code": ErrorCode.BAD_USER_INPUT.value}

    def at(self, *path: str) -> "Invalid":
        """Return the same error for another field of the input."""
        return type(self)(self.message, *path, constraint=self.constraint)


class Required(Invalid):
    """A required field has no value."""

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
    """A value does not have the format of its field."""

    code = ErrorCode.INVALID_FORMAT


def max_length(most: int) -> str:
    """Return the constraint on the length of a text, in characters."""
    return f"maxLength={most}"


def max_items(most: int) -> str:
    """Return the constraint on the number of items of a list."""
    return f"maxItems={most}"


def require_at_most(most: int, count: int, message: str, *path: str) -> None:
    """Raise TooLong where a list, or the children of a record, are more than `most`."""
    if count > most:
        raise TooLong(message, *path, constraint=max_items(most))


def between(
    least: object = None, most: object = None, *, above: object = None, under: object = None
) -> str:
    """Return the constraint on a number or a date; None is open.

    A bound may also be another field of the input, by its name in camelCase.

    Args:
        least, most: inclusive bounds.
        above, under: an exclusive bound in place of them.
    """
    if above is not None:
        return f"exclusiveMinimum={above}"
    if under is not None:
        return f"exclusiveMaximum={under}"
    low, high = ("" if bound is None else str(bound) for bound in (least, most))
    return f"range={low}..{high}"


def written_as(format: str | None = None, *, pattern: str | None = None) -> str:
    """Return the constraint on the form of a whole text.

    Args:
        format: its name, JSON Schema's where it has one.
        pattern: a regular expression, in place of the name.
    """
    return f"pattern={pattern}" if format is None else f"format={format}"


def enumerated(values: Iterable[str]) -> str:
    """Return the constraint on a text that is one of a closed set."""
    return f"enum={','.join(values)}"


class NotFound(DomainError):
    """No such record is visible to the caller; missing and hidden ones are not distinguished."""

    code = ErrorCode.NOT_FOUND


class AlreadyExists(DomainError):
    """Another record holds a value that must be unique."""

    code = ErrorCode.ALREADY_EXISTS


class StillInUse(DomainError):
    """Other records refer to this one."""

    code = ErrorCode.STILL_IN_USE


class Unauthenticated(DomainError):
    """No valid sign-in came with the request."""

    code = ErrorCode.UNAUTHENTICATED


class InvalidCredentials(DomainError):
    """Sign-in failed; the cause is not disclosed."""

    code = ErrorCode.INVALID_CREDENTIALS


class Forbidden(DomainError):
    """The caller is signed in and lacks the permission."""

    code = ErrorCode.FORBIDDEN


class CursorMismatch(DomainError):
    """A cursor was used with another list, filter or order than it was made for."""

    code = ErrorCode.CURSOR_MISMATCH


class CursorExpired(DomainError):
    """Events behind a cursor have been removed.

    Args:
        path: of the argument that holds the cursor.
    """

    code = ErrorCode.CURSOR_EXPIRED

    def __init__(self, *path: str) -> None:
        super().__init__(
            "Events behind this cursor have been removed after their retention. Read the records "
            "again, and go on from the cursor of now: `changes` without `after` returns it.",
            *path,
        )


class IdempotencyKeyReused(DomainError):
    """The idempotency key was used with another input."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSED


class RetryLater(DomainError):
    """Temporary refusal.

    Args:
        seconds: time to wait before trying again.
    """

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds

    @property
    def extensions(self) -> Mapping[str, object]:
        """The code, and `retryAfter` in seconds."""
        return {**super().extensions, "retryAfter": self.seconds}


class RateLimited(RetryLater):
    """Too many attempts."""

    code = ErrorCode.RATE_LIMITED


class Unavailable(RetryLater):
    """A part of the service is busy or unavailable."""

    code = ErrorCode.UNAVAILABLE


class Conflict(DomainError):
    """A newer record exists than the one that the caller sent; nothing was written.

    Args:
        current: id of the newer record, which the payload shows.
    """

    code = ErrorCode.CONFLICT

    def __init__(self, message: str, *path: str, current: UUID) -> None:
        super().__init__(message, *path)
        self.current = current


class StaleVersion(DomainError):
    """The record has a newer version than the caller expected; nothing was written.

    Args:
        expected: by the caller.
        current: of the record.
        record_id: the record, which the payload shows; None for the one that the input names by id.
    """

    code = ErrorCode.STALE_VERSION

    def __init__(self, *, expected: int, current: int, record_id: UUID | None = None) -> None:
        super().__init__(
            f"The record has version {current}; expectedVersion is {expected}. Read it again, "
            "then repeat your change.",
            "expectedVersion",
        )
        self.expected, self.current, self.record_id = expected, current, record_id


@dataclass(frozen=True)
class Blocker:
    """Unmet condition of a transition.

    Attributes:
        code: the guard's code, for programs.
        message: sentences about the problem and its remedy.
        subject: public id of the blocking record, or None.
        is_denial: whether the caller is the cause: their role, or segregation of duties.
    """

    code: str
    message: str
    subject: str | None = None
    is_denial: bool = False


class TransitionNotAllowed(DomainError):
    """The record's state, or an unmet condition, blocks the transition."""

    code = ErrorCode.TRANSITION_NOT_ALLOWED

    def __init__(self, message: str, blockers: Sequence[Blocker]) -> None:
        super().__init__(message)
        self.blockers = blockers

"""How a refused command looks to a client: entries of the payload's `errors`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import strawberry

from qgp.kit import errors
from qgp.kit.errors import DomainError, ErrorCode
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.fields import Info, Node
from qgp.kit.gql.nodes import load_node

MOST_BLOCKERS = 10  # of one step, as clients see them
MOST_ERRORS = 10  # of one command


async def _subject(root: Any, info: Info) -> Node | None:
    record: Any = None if root.subject is None else await load_node(info, root.subject)
    return record  # type: ignore[no-any-return]  # the rows are the objects


_blocked: Any = strawberry.field(
    _subject,
    description="The record in the way; null where there is none, or where it is hidden from you, "
    "in which case `message` does not name it either.",
)


@strawberry.type(description="One reason why a transition is not possible now.")
class Blocker:
    """One reason why a transition is not possible now; its objects are `errors.Blocker`s.

    Attributes:
        code: becomes `BlockerCode`, once all workflows are known.
    """

    code: str = strawberry.field(description="The condition that is not met, for programs.")
    message: str = strawberry.field(description="What is missing and what to do, for a person.")
    subject: Node | None = _blocked


@strawberry.interface(description="Why a command changed nothing. Switch on `code` or the type.")
class UserError:
    """Why a command changed nothing."""

    code: ErrorCode = strawberry.field(description="The kind of refusal, for programs.")
    message: str = strawberry.field(description="What happened and what to do, for a person.")
    path: list[str] | None = plain_list(
        "Names of the input at fault, outermost first; null for the whole input", 20
    )


@strawberry.type(description="The record changed since you read it; nothing was written.")
class StaleVersionError(UserError):
    """The record changed since the caller read it."""

    expected: int = strawberry.field(description="The version you sent.")
    current: int = strawberry.field(description="The version the record has now.")


@strawberry.type(description="The record's state, or a guard, does not allow the step.")
class TransitionNotAllowedError(UserError):
    """The record's state, or a guard, does not allow the step."""

    blockers: list[Blocker] = plain_list("What is in the way", MOST_BLOCKERS)


@strawberry.type(description="The input breaks a rule that `message` states.")
class ValidationError(UserError):
    """The input breaks a rule."""

    constraint: str | None = strawberry.field(
        description="The rule and its number, for programs, as `rule=value`: `required`, "
        "`maxLength=200` and `minLength=12` (characters), `maxItems=50`, `range=1..5` (both "
        "bounds are allowed, an open side is left out), `exclusiveMinimum=0`, "
        "`exclusiveMaximum=…` (a bound may be the name of another field), `format=date`, "
        "`enum=A,B`, `pattern=…` (a regular expression for the whole text); null where `code` is "
        "none of REQUIRED, TOO_LONG, OUT_OF_RANGE and INVALID_FORMAT."
    )


@strawberry.type(description="A refusal that `code` and `message` tell in full.")
class CommandError(UserError):
    """Any other refusal."""

    retry_after: int | None = strawberry.field(
        description="Seconds to wait; null unless RATE_LIMITED or UNAVAILABLE."
    )


ERROR_TYPES: Sequence[type] = (
    ValidationError,
    StaleVersionError,
    TransitionNotAllowedError,
    CommandError,
)


def errors_field(description: str) -> Any:
    """A payload's list of errors."""
    return plain_list(description, MOST_ERRORS)


def foremost(blockers: Iterable[errors.Blocker]) -> list[Any]:
    """Return the blockers that clients see, the first of each code before the second of any."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, int, errors.Blocker]] = []
    for place, blocker in enumerate(blockers):
        ranked.append((seen[blocker.code], place, blocker))
        seen[blocker.code] += 1
    kept = sorted(ranked, key=lambda rank: rank[:2])[:MOST_BLOCKERS]
    return [blocker for _, _, blocker in sorted(kept, key=lambda rank: rank[1])]


def to_user_error(error: DomainError) -> UserError:
    """Return what a client sees of an error; graphql-core would raise the exception itself."""
    path = list(error.path) if error.path else None
    facts: dict[str, Any] = {"code": error.code, "message": error.message, "path": path}
    match error:
        case errors.StaleVersion(expected=expected, current=current):
            return StaleVersionError(**facts, expected=expected, current=current)
        case errors.TransitionNotAllowed():
            blockers: Any = foremost(error.blockers)
            return TransitionNotAllowedError(**facts, blockers=blockers)
        case errors.Invalid(constraint=constraint):
            return ValidationError(**facts, constraint=constraint)
        case errors.AlreadyExists():
            return ValidationError(**facts, constraint=None)
        case _:
            seconds = error.seconds if isinstance(error, errors.RetryLater) else None
            return CommandError(**facts, retry_after=seconds)


def user_errors(refusals: Sequence[DomainError]) -> list[UserError]:
    """Return what a client sees of the refusals of one command."""
    return [to_user_error(refusal) for refusal in refusals[:MOST_ERRORS]]

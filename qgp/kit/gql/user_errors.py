"""Error types of mutation payloads, and their mapping from `DomainError`."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import strawberry

from qgp.kit import errors
from qgp.kit.error_codes import ErrorCode
from qgp.kit.errors import DomainError
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.fields import Info, Node
from qgp.kit.gql.nodes import load_node

MOST_BLOCKERS = 10  # of one transition, as clients see them
MOST_ERRORS = 10  # of one command


async def _subject(root: Any, info: Info) -> Node | None:
    record: Any = None if root.subject is None else await load_node(info, root.subject)
    return record  # type: ignore[no-any-return]  # the rows are the objects


_blocked: Any = strawberry.field(
    _subject,
    description="The record that blocks the transition; null where there is none, or where it is "
    "hidden from you, in which case `message` does not name it either.",
)


@strawberry.type(description="Unmet condition of a transition.")
class Blocker:
    """Unmet condition of a transition; its objects are `errors.Blocker`s.

    Attributes:
        code: becomes `BlockerCode` once all workflows are declared.
    """

    code: str = strawberry.field(description="Code of the condition, for programs.")
    message: str = strawberry.field(description="Unmet condition and remedy, for a person.")
    subject: Node | None = _blocked


@strawberry.interface(
    description="Reason why a mutation changed nothing. Switch on `code` or the type."
)
class UserError:
    """Reason why a mutation changed nothing."""

    code: ErrorCode = strawberry.field(description="Kind of refusal, for programs.")
    message: str = strawberry.field(description="Problem and remedy, for a person.")
    path: list[str] | None = plain_list(
        "Names of the invalid input field, outermost first; null for the whole input", 20
    )


@strawberry.type(
    description="The record has a newer version than `expectedVersion`; nothing was changed."
)
class StaleVersionError(UserError):
    """The record has a newer version than the caller expected."""

    expected: int = strawberry.field(description="Version that you sent.")
    current: int = strawberry.field(description="Current version of the record.")


@strawberry.type(description="The record's state, or an unmet condition, blocks the transition.")
class TransitionNotAllowedError(UserError):
    """The record's state, or an unmet condition, blocks the transition."""

    blockers: list[Blocker] = plain_list("Unmet conditions", MOST_BLOCKERS)


@strawberry.type(description="The input breaks a rule, which `message` states.")
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


@strawberry.type(description="Any other refusal; `code` and `message` describe it fully.")
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
    """Declare the list of errors of a payload."""
    return plain_list(description, MOST_ERRORS)


def foremost(blockers: Iterable[errors.Blocker]) -> list[Any]:
    """Return at most 10 blockers, the first of each code before the second of any."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, int, errors.Blocker]] = []
    for place, blocker in enumerate(blockers):
        ranked.append((seen[blocker.code], place, blocker))
        seen[blocker.code] += 1
    kept = sorted(ranked, key=lambda rank: rank[:2])[:MOST_BLOCKERS]
    return [blocker for _, _, blocker in sorted(kept, key=lambda rank: rank[1])]


def to_user_error(error: DomainError) -> UserError:
    """Return the GraphQL object of an error."""
    path = list(error.path) if error.path else None
    values: dict[str, Any] = {"code": error.code, "message": error.message, "path": path}
    match error:
        case errors.StaleVersion(expected=expected, current=current):
            return StaleVersionError(**values, expected=expected, current=current)
        case errors.TransitionNotAllowed():
            blockers: Any = foremost(error.blockers)
            return TransitionNotAllowedError(**values, blockers=blockers)
        case errors.Invalid(constraint=constraint):
            return ValidationError(**values, constraint=constraint)
        case errors.AlreadyExists():
            return ValidationError(**values, constraint=None)
        case _:
            seconds = error.seconds if isinstance(error, errors.RetryLater) else None
            return CommandError(**values, retry_after=seconds)


def user_errors(refusals: Sequence[DomainError]) -> list[UserError]:
    """Return the GraphQL objects of the refusals of one command; at most 10."""
    return [to_user_error(refusal) for refusal in refusals[:MOST_ERRORS]]

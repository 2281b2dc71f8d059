"""How a refused command looks to a client: entries of the payload's `errors`."""

from collections.abc import Sequence
from typing import Any

import strawberry

from qgp.kit import errors
from qgp.kit.errors import DomainError, ErrorCode
from qgp.kit.gql.enums import described

described(ErrorCode, "Why a command was refused.", name="UserErrorCode")


@strawberry.type(description="One reason why a transition is not possible now.")
class Blocker:
    """One reason why a transition is not possible now."""

    code: str = strawberry.field(description="The guard's code, stable, for programs.")
    message: str = strawberry.field(description="A sentence that says what is missing.")
    subject: strawberry.ID | None = strawberry.field(
        description="Id of the record in the way, where there is one."
    )


@strawberry.interface(description="Why a command changed nothing. Switch on `code` or the type.")
class UserError:
    """Why a command changed nothing."""

    code: ErrorCode = strawberry.field(description="The kind of refusal, for programs.")
    message: str = strawberry.field(description="What happened and what to do, for a person.")
    path: list[str] | None = strawberry.field(
        description="Names of the input at fault, outermost first; null for the whole input."
    )


@strawberry.type(description="The record changed since you read it; nothing was written.")
class StaleVersionError(UserError):
    """The record changed since the caller read it."""

    expected: int = strawberry.field(description="The version you sent.")
    current: int = strawberry.field(description="The version the record has now.")


@strawberry.type(description="The record's state, or a guard, does not allow the step.")
class TransitionNotAllowedError(UserError):
    """The record's state, or a guard, does not allow the step."""

    blockers: list[Blocker] = strawberry.field(description="Everything that is in the way.")


@strawberry.type(description="The input breaks a rule that `message` states.")
class ValidationError(UserError):
    """The input breaks a rule."""


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


def told(error: DomainError) -> UserError:
    """Return what a client sees of an error; graphql-core would raise the exception itself."""
    path = list(error.path) if error.path else None
    facts: dict[str, Any] = {"code": error.code, "message": error.message, "path": path}
    match error:
        case errors.StaleVersion(expected=expected, current=current):
            return StaleVersionError(**facts, expected=expected, current=current)
        case errors.TransitionNotAllowed():
            blockers: Any = error.blockers
            return TransitionNotAllowedError(**facts, blockers=list(blockers))
        case errors.Invalid() | errors.AlreadyExists():
            return ValidationError(**facts)
        case _:
            seconds = error.seconds if isinstance(error, errors.RetryLater) else None
            return CommandError(**facts, retry_after=seconds)

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


def _answers(*kinds: type[DomainError]) -> Any:
    """Let a GraphQL type stand for these exceptions, which are its objects."""

    def decorate(cls: type) -> type:
        cls.is_type_of = classmethod(  # type: ignore[attr-defined]  # read by strawberry
            lambda _, found, __: isinstance(found, kinds)
        )
        return cls

    return decorate


@strawberry.type(description="The record changed since you read it; nothing was written.")
@_answers(errors.StaleVersion)
class StaleVersionError(UserError):
    """The record changed since the caller read it."""

    expected: int = strawberry.field(description="The version you sent.")
    current: int = strawberry.field(description="The version the record has now.")


@strawberry.type(description="The record's state, or a guard, does not allow the step.")
@_answers(errors.TransitionNotAllowed)
class TransitionNotAllowedError(UserError):
    """The record's state, or a guard, does not allow the step."""

    blockers: list[Blocker] = strawberry.field(description="Everything that is in the way.")


@strawberry.type(description="The input breaks a rule that `message` states.")
@_answers(errors.Invalid, errors.AlreadyExists)
class ValidationError(UserError):
    """The input breaks a rule."""


_SPECIAL = (errors.StaleVersion, errors.TransitionNotAllowed, errors.Invalid, errors.AlreadyExists)


@strawberry.type(description="A refusal that `code` and `message` tell in full.")
class CommandError(UserError):
    """Any other refusal."""

    @classmethod
    def is_type_of(cls, found: object, _: object) -> bool:
        """Stand for every domain error without a type of its own."""
        return isinstance(found, DomainError) and not isinstance(found, _SPECIAL)


ERROR_TYPES: Sequence[type] = (
    ValidationError,
    StaleVersionError,
    TransitionNotAllowedError,
    CommandError,
)

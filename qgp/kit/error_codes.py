"""Codes of domain errors, by which programs tell refusals apart."""

from qgp.kit.described_enum import DescribedEnum


class ErrorCode(DescribedEnum, name="UserErrorCode"):
    """Kind of refusal of a mutation."""

    BAD_USER_INPUT = "BAD_USER_INPUT", "The input breaks a rule; `path` names the field."
    REQUIRED = "REQUIRED", "A required field has no value."
    TOO_LONG = "TOO_LONG", "A text has too many characters, or a list too many items."
    OUT_OF_RANGE = "OUT_OF_RANGE", "A number or a date is outside the range of the field."
    INVALID_FORMAT = "INVALID_FORMAT", "A value does not have the format of the field."
    NOT_FOUND = "NOT_FOUND", "No such record is visible to you."
    ALREADY_EXISTS = "ALREADY_EXISTS", "Another record holds a value that must be unique."
    STILL_IN_USE = "STILL_IN_USE", "Other records refer to this one."
    CONFLICT = "CONFLICT", "A newer record exists, which the payload shows."
    STALE_VERSION = (
        "STALE_VERSION",
        "The record has a newer version than `expectedVersion`; read it again.",
    )
    TRANSITION_NOT_ALLOWED = (
        "TRANSITION_NOT_ALLOWED",
        "The state or an unmet condition blocks the transition.",
    )
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED", "The key was used with another input."
    CURSOR_MISMATCH = "CURSOR_MISMATCH", "The cursor was made for another list, filter or order."
    CURSOR_EXPIRED = "CURSOR_EXPIRED", "Events behind the cursor have been removed; read all again."
    UNAUTHENTICATED = "UNAUTHENTICATED", "You are not signed in, or the sign-in has ended."
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS", "Sign-in failed."
    FORBIDDEN = "FORBIDDEN", "Your role lacks the permission."
    RATE_LIMITED = "RATE_LIMITED", "Too many attempts; wait before the next one."
    UNAVAILABLE = "UNAVAILABLE", "A part of the service is unavailable; try again shortly."

"""Input fields that say what they accept, and turn into keyword arguments of a service."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeVar, overload

import strawberry
from strawberry import UNSET
from strawberry.types.base import StrawberryMaybe, StrawberryOptional

from qgp.kit import ids, subjects
from qgp.kit.errors import (
    Invalid,
    InvalidFormat,
    Required,
    TooLong,
    matching,
    max_length,
)
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.malformed import errors_in
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.signing import Meaning
from qgp.kit.text_normalization import LINE, composed

# They make a line read otherwise than it is written (CVE-2021-42574).
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class InputField:
    """What an input field accepts.

    Attributes:
        id_of: prefix of the record that an id, or each of a list, must name.
        about: the record that is to be about a subject, which the id names.
        most: characters of a text at the most; a text is composed (NFC), trimmed, never blank.
        shape: what a text must match, with the words that tell it.
        nested: whether inputs stand here, one or several, whose own fields are read first.
    """

    id_of: str | None = None
    most: int = LINE
    shape: tuple[str, str] | None = None
    about: type[Record] | None = None
    nested: bool = False

    def read(self, value: Any, name: str) -> Any:
        """Return the value as services take it.

        Raises:
            Invalid: an id of another kind, or a text that is blank, too long or of another shape.
        """
        if isinstance(value, list):
            return [self.read(one, name) for one in value]
        if not isinstance(value, str) or isinstance(value, Enum):
            return value
        if self.id_of:
            return ids.decode(self.id_of, value, name)
        if self.about:
            return subjects.named(self.about, value, name)
        text = composed(value, self.most, name).strip()
        if not text:
            raise Required("Write something here; blank is not a value.", name)
        if len(text) > self.most:
            message = f"Keep it to {self.most} characters; this has {len(text)}."
            raise TooLong(message, name, constraint=max_length(self.most))
        if self.most <= LINE and _TURNING.search(text):
            message = "Remove the characters that turn the direction of writing."
            raise InvalidFormat(message, name, constraint=matching(f"[^{_TURNING.pattern[1:]}*"))
        if self.shape and not re.fullmatch(self.shape[0], text):
            message = f"Expected {self.shape[1]}."
            raise InvalidFormat(message, name, constraint=matching(self.shape[0]))
        return text


_ANYTHING = InputField()
T = TypeVar("T")


def input_field(
    description: str,
    *,
    id_of: str | None = None,
    most: int = LINE,
    shape: tuple[str, str] | None = None,
    about: type[Record] | None = None,
    nested: bool = False,
    **options: Any,
) -> Any:
    """An input field; see `Given` for what it accepts."""
    declared = {DECLARED: InputField(id_of, most, shape, about, nested)}
    if options.get("default", UNSET) is None:
        options["default"] = UNSET  # so that the schema shows no default of null
    return strawberry.field(description=description, metadata=declared, **options)


@overload
def input_type(cls: type[T], *, one_of: bool = ...) -> type[T]: ...


@overload
def input_type(*, one_of: bool = ...) -> Callable[[type[T]], type[T]]: ...


def input_type(cls: type[T] | None = None, *, one_of: bool = False) -> Any:
    """Declare a GraphQL input; its docstring describes it.

    Args:
        one_of: whether a client gives exactly one of its fields.
    """

    def decorate(cls: type[T]) -> type[T]:
        text = " ".join((cls.__doc__ or "").split())
        return strawberry.input(cls, one_of=one_of, description=text)

    return decorate if cls is None else decorate(cls)


def key_field() -> Any:
    """The idempotency key of a create or transition."""
    message = "Choose one per intent; sending it again within 24 h returns the first outcome."
    return input_field(message, default=None)


def version_field(kind: str | None = None) -> Any:
    """The version that an update or transition was made for; of a kind that has to be said."""
    of_it = f" of the {kind} that" if kind else ""
    return input_field(f"The `version`{of_it} you read; a stale one changes nothing.")


@strawberry.input(
    one_of=True,
    description="Proof that the signer is the signed-in user; give exactly one field.",
)
class SignatureProofInput:
    """One proof of the signer's identity (21 CFR 11.200)."""

    password: strawberry.Maybe[str] = strawberry.field(
        description="The password you sign in with; a wrong one counts as a failed log-in.",
        default=None,
    )

    def __repr__(self) -> str:
        """Show no secret."""
        return "SignatureProofInput()"


@strawberry.input(description="Your signature: what you say by it, and the proof that you sign.")
class SignatureInput:
    """A signature, as binding as one by hand."""

    meaning: Meaning = strawberry.field(description="What you say by signing.")
    proof: SignatureProofInput = strawberry.field(description="Proof that it is you who signs.")

    @property
    def password(self) -> str:
        """The password, which is the one proof so far."""
        assert self.proof.password is not None, "a one-of input has exactly one field"
        return self.proof.password.value

    def __repr__(self) -> str:
        """Show what is no secret."""
        return f"SignatureInput({self.meaning})"


def signature_field(**options: Any) -> Any:
    """The signature that a command takes; with `default=None`, where a guard asks for it."""
    return input_field("Your signature: nobody else may give it for you.", **options)


def parameters(mutation: str) -> Any:
    """Describe the one argument of a mutation, named as clients call it."""
    return strawberry.argument(description=f"Parameters for {mutation}.")


def explaining_nulls(kind: Any) -> Any:
    """Return the input type; a null in a field that has none reaches `arguments`.

    Strawberry refuses it on the way, as an error of ours that does not say where it stands.
    """
    firm = set()
    for part in kind.__strawberry_definition__.fields:
        declared = part.type
        is_firm = isinstance(declared, StrawberryMaybe) and not isinstance(
            declared.of_type, StrawberryOptional
        )
        if is_firm:
            part.type = StrawberryMaybe(StrawberryOptional(declared.of_type))
            firm.add(part.python_name)
    kind.firm = getattr(kind, "firm", frozenset()) | firm
    return kind


class RefusedInput(Exception):
    """Values of an input break rules of their fields; carries an error for each."""

    def __init__(self, errors: Sequence[Invalid]) -> None:
        super().__init__()
        self.errors = errors


def arguments(data: Any, *, unread: str | None = None) -> dict[str, Any]:
    """Turn an input object into keyword arguments: ids read, absent fields left out.

    Args:
        unread: the field whose value stays as it is.

    Raises:
        RefusedInput: values are malformed, or break the rule of their field; see `Given.read`.
    """
    values: dict[str, Any] = {}
    errors: list[Invalid] = []
    for part in fields(data):
        value = getattr(data, part.name)
        if value is None and isinstance(part.type, StrawberryMaybe):
            continue
        try:
            is_unread = part.name == unread
            values[part.name] = value if is_unread else _argument(data, part, value)
        except RefusedInput as refused:
            errors += refused.errors
        except Invalid as error:
            errors.append(error)
    if errors:
        raise RefusedInput(errors)
    return values


def _argument(data: Any, part: Any, value: Any) -> Any:
    """Return what a service takes for one field of an input.

    Raises:
        RefusedInput: something inside it is refused.
        Invalid: it is refused itself.
    """
    name = to_camel(part.name)
    if isinstance(value, strawberry.Some):
        value = value.value
        if value is None and part.name in getattr(data, "firm", ()):
            raise Required("This cannot be empty. Leave it out to keep it.", name)
    elif value is UNSET:
        value = None
    rule = part.metadata.get(DECLARED, _ANYTHING)
    if rule.nested and value is not None:
        return _inner(value, name)
    if malformed := [*errors_in(value, name)]:
        raise RefusedInput(malformed)
    return rule.read(value, name)


def _inner(value: Any, *path: str) -> Any:
    """Read an input that stands inside another one, or a list of them.

    Raises:
        RefusedInput: as `arguments`; paths lead through the outer field, and the place in a list.
    """
    if not isinstance(value, list):
        try:
            return arguments(value)
        except RefusedInput as refused:
            raise RefusedInput([e.at(*path, *(e.path or ())) for e in refused.errors]) from None
    values: list[Any] = []
    errors: list[Invalid] = []
    for place, one in enumerate(value):
        try:
            values.append(_inner(one, *path, str(place)))
        except RefusedInput as refused:
            errors += refused.errors
    if errors:
        raise RefusedInput(errors)
    return values

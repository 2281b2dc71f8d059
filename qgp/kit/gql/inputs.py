"""Input fields: accepted values, validation, and conversion to a service's arguments."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, TypeVar, overload

import strawberry
from strawberry import UNSET
from strawberry.types.base import StrawberryMaybe, StrawberryOptional

from qgp.kit import ids, subjects
from qgp.kit.errors import Invalid, InvalidFormat, Required, written_as
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.malformed import errors_in
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.signing import Meaning
from qgp.kit.text_normalization import LINE, composed, too_long

# They make a line look different from what it holds (CVE-2021-42574).
_BIDIRECTIONAL = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class InputField:
    """Rule of an input field.

    Attributes:
        id_of: prefix of the record that an id, or each id of a list, must name.
        most: the most characters of a text, which is normalized (NFC), trimmed and never blank.
        shape: regular expression that a text must match, with its description.
        about: the record whose subject the id names.
        nested: whether the value is an input object, or a list of them.
    """

    id_of: str | None = None
    most: int = LINE
    shape: tuple[str, str] | None = None
    about: type[Record] | None = None
    nested: bool = False

    def read(self, value: Any, name: str) -> Any:
        """Return the value in the form that services take.

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
            raise Required(f"`{name}` is blank. Write at least one character.", name)
        if len(text) > self.most:
            raise too_long(len(text), self.most, name)
        if self.most <= LINE and _BIDIRECTIONAL.search(text):
            message = f"`{name}` has bidirectional control characters. Remove them."
            raise InvalidFormat(
                message, name, constraint=written_as(pattern=f"[^{_BIDIRECTIONAL.pattern[1:]}*")
            )
        if self.shape and not re.fullmatch(self.shape[0], text):
            message = f"Expected {self.shape[1]}."
            raise InvalidFormat(message, name, constraint=written_as(pattern=self.shape[0]))
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
    """Declare an input field; see `InputField` for its rule."""
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
        cls: the class, whose attributes are `input_field`s.
        one_of: whether a client sends exactly one of its fields.
    """

    def decorate(cls: type[T]) -> type[T]:
        text = " ".join((cls.__doc__ or "").split())
        return strawberry.input(share_annotations(cls), one_of=one_of, description=text)

    return decorate if cls is None else decorate(cls)


def key_field() -> Any:
    """Declare the idempotency key of a create or transition."""
    description = (
        "Idempotency key of your choice; sent again with the same input within 24 hours, it "
        "returns the first result."
    )
    return input_field(description, default=None)


def version_field(kind: str | None = None) -> Any:
    """Declare the expected version of a record; `kind` names it where it is not the result."""
    of_it = f" of the {kind} that" if kind else ""
    return input_field(f"The `version`{of_it} you read; a stale version is refused.")


@strawberry.input(
    one_of=True,
    description="Proof that the signer is the signed-in user; send exactly one field.",
)
class SignatureProofInput:
    """Proof of the signer's identity (21 CFR 11.200)."""

    password: strawberry.Maybe[str] = strawberry.field(
        description="Your password; a wrong one counts as a failed sign-in.",
        default=None,
    )

    def __repr__(self) -> str:
        """Return a text without the password."""
        return "SignatureProofInput()"


@strawberry.input(
    description="Electronic signature: its meaning, and proof of the signer's identity."
)
class SignatureInput:
    """Electronic signature (21 CFR 11.50)."""

    meaning: Meaning = strawberry.field(description="Meaning of the signature.")
    proof: SignatureProofInput = strawberry.field(description="Proof of your identity.")

    @property
    def password(self) -> str:
        """The password, which is the only kind of proof."""
        assert self.proof.password is not None, "a one-of input has exactly one field"
        return self.proof.password.value

    def __repr__(self) -> str:
        """Return a text without the proof."""
        return f"SignatureInput({self.meaning})"


def signature_field(**options: Any) -> Any:
    """Declare the signature of a command; with `default=None` where a guard decides."""
    return input_field("Your electronic signature.", **options)


def parameters(mutation: str) -> Any:
    """Describe the argument `input` of a mutation, whose name is in camelCase."""
    return strawberry.argument(description=f"Parameters for `{mutation}`.")


def explaining_nulls(kind: Any) -> Any:
    """Return the input type, changed so that a null in a non-null field reaches `arguments`.

    Strawberry would refuse it without the path of the field.
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
    """Values of an input that break the rules of their fields, with an error for each."""

    def __init__(self, errors: Sequence[Invalid]) -> None:
        super().__init__()
        self.errors = errors


def arguments(data: Any, *, unread: str | None = None) -> dict[str, Any]:
    """Return an input object as keyword arguments: ids decoded, absent fields left out.

    Args:
        data: the input object.
        unread: the field whose value is returned as it is.

    Raises:
        RefusedInput: values are malformed, or break the rule of their field; see `InputField.read`.
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
    """Return the argument of a service for one field of an input.

    Raises:
        RefusedInput: a value inside it is refused.
        Invalid: the value itself is refused.
    """
    name = to_camel(part.name)
    if isinstance(value, strawberry.Some):
        value = value.value
        if value is None and part.name in getattr(data, "firm", ()):
            raise Required(f"`{name}` cannot be null. Omit it to keep its value.", name)
    elif value is UNSET:
        value = None
    rule = part.metadata.get(DECLARED, _ANYTHING)
    if rule.nested and value is not None:
        return _inner(value, name)
    if malformed := [*errors_in(value, name)]:
        raise RefusedInput(malformed)
    return rule.read(value, name)


def _inner(value: Any, *path: str) -> Any:
    """Read a nested input, or a list of them.

    Raises:
        RefusedInput: see `arguments`; paths begin with the outer field and the index in a list.
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

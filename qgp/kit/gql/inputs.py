"""Input fields that say what they accept, and turn into keyword arguments of a service."""

import re
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any

import strawberry
from strawberry import UNSET
from strawberry.types.base import StrawberryMaybe, StrawberryOptional

from qgp.kit import ids, subjects
from qgp.kit.errors import Invalid
from qgp.kit.gql.declared import DECLARED
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.signing import Meaning
from qgp.kit.texts import composed

LINE, PROSE = 200, 10_000
# They make a line read otherwise than it is written (CVE-2021-42574).
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True)
class Given:
    """What an input field accepts.

    Attributes:
        id_of: prefix of the record that an id, or each of a list, must name.
        about: the record that is to be about a subject, which the id names.
        most: characters of a text at the most; a text is composed (NFC), trimmed, never blank.
        shape: what a text must match, with the words that tell it.
        nested: whether inputs stand here, one or several, whose own fields are read as well.
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
        if self.nested and value is not None:
            return _inner(value, name)
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
            raise Invalid("Write something here; blank is not a value.", name)
        if len(text) > self.most:
            raise Invalid(f"Keep it to {self.most} characters; this has {len(text)}.", name)
        if self.most <= LINE and _TURNING.search(text):
            raise Invalid("Remove the characters that turn the direction of writing.", name)
        if self.shape and not re.fullmatch(self.shape[0], text):
            raise Invalid(f"Expected {self.shape[1]}.", name)
        return text


_ANYTHING = Given()


def given(
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
    declared = {DECLARED: Given(id_of, most, shape, about, nested)}
    if options.get("default", UNSET) is None:
        options["default"] = UNSET  # so that the schema shows no default of null
    return strawberry.field(description=description, metadata=declared, **options)


def key_field() -> Any:
    """The idempotency key of a create or transition."""
    told = "Choose one per intent; sending it again within 24 h returns the first outcome."
    return given(told, default=None)


def version_field(kind: str | None = None) -> Any:
    """The version that an update or transition was made for; of a kind that has to be said."""
    of_it = f" of the {kind} that" if kind else ""
    return given(f"The `version`{of_it} you read; a stale one changes nothing.")


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
    return given("Your signature: nobody else may give it for you.", **options)


@dataclass(frozen=True)
class Step:
    """The input of a transition: which record, in which version, with which idempotency key.

    Attributes:
        is_explained: whether a reason has to be given.
        is_signed: whether a signature has to be given.
    """

    id_of: str
    is_explained: bool = False
    is_signed: bool = False

    def named(self, title: str, kind: str) -> type:
        """Return the input type of the mutation `title`, which returns a record of that kind."""
        own = ids.named(self.id_of)
        body: dict[str, Any] = {
            "id": given(f"The {own}.", id_of=self.id_of),
            "expected_version": version_field(None if own == kind else own),
            "idempotency_key": key_field(),
            "__annotations__": {
                "id": strawberry.ID,
                "expected_version": int,
                "idempotency_key": str | None,
            },
        }
        if self.is_explained:
            body["reason"] = given("Why, for the trail; 1 to 2000 characters.", most=2000)
            body["__annotations__"] = {"reason": str, **body["__annotations__"]}
        if self.is_signed:
            body["signature"] = signature_field()
            body["__annotations__"] = {"signature": SignatureInput, **body["__annotations__"]}
        made = type(f"{title}Input", (), body)
        return strawberry.input(made, description=f"The {own} to take this step with.")


def step(id_of: str, *, explained: bool = False, signed: bool = False) -> Step:
    """The input of a transition of the records that the prefix names."""
    return Step(id_of, explained, signed)


def explaining_nulls(kind: Any) -> Any:
    """Return the input type; a null in a field that has none reaches `arguments`.

    Strawberry refuses it on the way, as an error of ours that does not say where it stands.
    """
    firm = set()
    for part in kind.__strawberry_definition__.fields:
        wanted = part.type
        is_firm = isinstance(wanted, StrawberryMaybe) and not isinstance(
            wanted.of_type, StrawberryOptional
        )
        if is_firm:
            part.type = StrawberryMaybe(StrawberryOptional(wanted.of_type))
            firm.add(part.python_name)
    kind.firm = getattr(kind, "firm", frozenset()) | firm
    return kind


def arguments(data: Any) -> dict[str, Any]:
    """Turn an input object into keyword arguments: ids read, absent fields left out.

    Raises:
        Invalid: see `Given.read`; or null where there must be a value.
    """
    found: dict[str, Any] = {}
    for part in fields(data):
        value = getattr(data, part.name)
        if isinstance(value, strawberry.Some):
            value = value.value
            if value is None and part.name in getattr(data, "firm", ()):
                raise Invalid("This cannot be empty. Leave it out to keep it.", to_camel(part.name))
        elif value is UNSET:
            value = None
        elif value is None and isinstance(part.type, StrawberryMaybe):
            continue
        rule = part.metadata.get(DECLARED, _ANYTHING)
        found[part.name] = rule.read(value, to_camel(part.name))
    return found


def _inner(value: Any, *path: str) -> Any:
    """Read an input that stands inside another one, or a list of them.

    Raises:
        Invalid: see `Given.read`; the path leads through the outer field, and the place in a list.
    """
    if isinstance(value, list):
        return [_inner(one, *path, str(place)) for place, one in enumerate(value)]
    try:
        return arguments(value)
    except Invalid as error:
        error.path = (*path, *(error.path or ()))
        raise

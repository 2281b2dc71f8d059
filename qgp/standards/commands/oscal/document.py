"""The part of the OSCAL catalog format that the import uses, and where a file breaks it.

OSCAL limits no text. A text is checked where it is used (`prose`, `line`), so that one which the
import does not use may hold anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, FailFast, Field, StringConstraints, ValidationError

from qgp.kit.errors import Invalid

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_DEPTH: Final = 20
MAX_NODES: Final = 20_000
MAX_CLAUSE: Final = 300_000
"""Characters of a clause's text, and of its summary."""

_LINE_BREAK = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_SUCCESSION = ("moved-to", "incorporated-into")  # relations of links

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_T = TypeVar("_T")
# Fail fast: a file of a million mistakes must not cost a million messages.
Many = Annotated[tuple[_T, ...], FailFast()]


class _Element(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=False)


class Property(_Element):
    """A named value of an element; the import uses label and status."""

    name: object = None
    value: object = None
    class_: object = Field(None, alias="class")


class Selection(_Element):
    """The choices that a parameter offers."""

    how_many: str | None = Field(None, alias="how-many")
    choice: Many[str] = ()


class Parameter(_Element):
    """A place in the text for the organization to fill."""

    id: Line
    label: str | None = None
    values: Many[str] = ()
    select: Selection | None = None


class Labelled(_Element):
    """An element whose properties may give it the label that people see."""

    props: Many[Property] = ()

    @property
    def label(self) -> str | None:
        """The plain label; variants such as the zero-padded one carry a class."""
        return next((label for label in self.values_of("label", is_plain=True) if label), None)

    def values_of(self, name: str, *, is_plain: bool = False) -> Iterator[str]:
        """Yield the texts of the properties with a name, only of those without class if plain."""
        for each in self.props:
            if each.name == name and isinstance(each.value, str) and not (is_plain and each.class_):
                yield each.value.strip()


class Part(Labelled):
    """A piece of a control's text."""

    id: object = None
    name: str
    prose: str | None = None
    parts: Many["Part"] = ()


class Control(Labelled):
    """A control, with its enhancements as controls of its own."""

    id: Line
    title: Line
    params: Many[Parameter] = ()
    parts: Many[Part] = ()
    controls: Many["Control"] = ()
    links: object = ()

    @property
    def successors(self) -> Iterator[str]:
        """Yield the ids of the elements that a withdrawn control became part of."""
        for each in self.links if isinstance(self.links, list) else ():
            match each:
                case {"rel": str(relation), "href": str(target)} if target.startswith("#"):
                    if relation.strip().lower() in _SUCCESSION:
                        yield target[1:].strip()

    @property
    def is_withdrawn(self) -> bool:
        """The publisher keeps the number and has taken the control back."""
        return any(status.lower() == "withdrawn" for status in self.values_of("status"))


class Group(Labelled):
    """A family of controls."""

    id: Line | None = None
    title: Line
    params: Many[Parameter] = ()
    parts: Many[Part] = ()
    groups: Many["Group"] = ()
    controls: Many[Control] = ()


class Party(_Element):
    """A person or organization."""

    uuid: object = None
    name: object = None


class Responsibility(_Element):
    """Which parties fill a role, such as creator."""

    role_id: object = Field(None, alias="role-id")
    party_uuids: Many[object] = Field((), alias="party-uuids")


class DocumentId(_Element):
    """An identifier that all revisions of a document share, such as a DOI."""

    scheme: str = ""
    identifier: Line


class Metadata(_Element):
    """What the file says of itself."""

    title: Line
    version: Line
    published: datetime | None = None
    document_ids: Many[DocumentId] = Field((), alias="document-ids")
    parties: Many[Party] = ()
    responsible: Many[Responsibility] = Field((), alias="responsible-parties")


class Catalog(_Element):
    """A catalog, or a profile after its resolution."""

    uuid: str | None = None
    metadata: Metadata
    params: Many[Parameter] = ()
    groups: Many[Group] = ()
    controls: Many[Control] = ()


class _Document(_Element):
    catalog: Catalog


@dataclass(frozen=True)
class Node:
    """A group or control in its place.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the element.
        ancestors: outermost first.
    """

    element: Group | Control
    pointer: str
    ancestors: tuple["Node", ...] = ()


def parse(raw: bytes) -> Catalog:
    """Read the catalog of an OSCAL JSON file.

    Raises:
        Invalid: the file is too large, no JSON or not as the format asks; says where.
    """
    require_size(len(raw))
    try:
        return _Document.model_validate_json(raw.removeprefix(b"\xef\xbb\xbf")).catalog
    except ValidationError as error:
        raise _refusal(error) from error


def require_size(size_bytes: int, *path: str) -> None:
    """Raise Invalid if a file is too large to be imported; `path` locates it in the input."""
    if size_bytes > MAX_BYTES:
        size, limit = size_bytes / 2**20, MAX_BYTES // 2**20
        message = f"The file has {size:.1f} MB; at most {limit} MB can be imported. Split it."
        raise Invalid(message, *path)


def nodes(catalog: Catalog) -> Iterator[Node]:
    """Yield each group and control, in the order of the file: parents before children.

    Raises:
        Invalid: there are too many, or they are nested too deeply.
    """
    count = 0
    waiting = _below(catalog, "/catalog", ())
    while waiting:
        node = waiting.pop()
        count += 1
        if count > MAX_NODES:
            limit = f"{MAX_NODES} groups and controls"
            raise refused(node.pointer, f"is past the limit of {limit}; split the file")
        if len(node.ancestors) >= MAX_DEPTH:
            raise refused(node.pointer, f"is nested more than {MAX_DEPTH} levels deep; flatten it")
        yield node
        waiting += _below(node.element, node.pointer, (*node.ancestors, node))


def is_withdrawn(node: Node) -> bool:
    """Return whether a node is a control that the publisher has withdrawn."""
    return isinstance(node.element, Control) and node.element.is_withdrawn


def _below(element: Catalog | Group | Control, at: str, ancestors: tuple[Node, ...]) -> list[Node]:
    """Return what stands directly inside an element, last first."""
    groups = () if isinstance(element, Control) else element.groups
    inside = [Node(each, f"{at}/groups/{i}", ancestors) for i, each in enumerate(groups)]
    inside += [
        Node(each, f"{at}/controls/{i}", ancestors) for i, each in enumerate(element.controls)
    ]
    return inside[::-1]


def prose(text: str, pointer: str) -> str:
    """Return a text that the import uses, with `\\n` for every line break.

    Raises:
        Invalid: it has a control character.
    """
    text = _LINE_BREAK.sub("\n", text)
    if match := _CONTROL_CHARACTER.search(text):
        character, at = f"U+{ord(match[0]):04X}", match.start() + 1
        raise refused(
            pointer, f"holds the control character {character} at character {at}; remove it"
        )
    return text


def line(text: str, pointer: str) -> str:
    """Return a text that the import uses, with a space for every run of blanks.

    Raises:
        Invalid: it has a control character.
    """
    return " ".join(prose(text, pointer).split())


def refused(pointer: str, why: str) -> Invalid:
    """Make the refusal of one place; `why` continues the sentence and says what to mend."""
    return Invalid(f"{pointer} {why}. Nothing was imported.", pointer)


def _refusal(error: ValidationError) -> Invalid:
    """Turn the first complaint into a sentence that says where it is and what to mend."""
    first = error.errors(include_url=False)[0]
    pointer = "".join(f"/{_escaped(step)}" for step in first["loc"])
    context: dict[str, Any] = first.get("ctx", {})
    match first["type"]:
        case "json_invalid":
            why = f"The file is not valid JSON: {context['error']}. Mend it there."
            return Invalid(f"{why} Nothing was imported.")
        case "missing" if pointer == "/catalog":
            members = ", ".join(map(repr, list(first["input"])[:3])) or "nothing"
            return refused(pointer, f"is missing: the root holds {members}. {_ROOT}")
        case "model_type" if not pointer:
            return Invalid(f"The file's root is not an object. {_ROOT}. Nothing was imported.")
        case "missing":
            why = "is missing; add it"
        case _:
            why = f"is not as OSCAL asks: {first['msg']}"
    return refused(pointer, why)


_ROOT = "Give an OSCAL catalog, or a profile after resolving it, whose root is 'catalog'"


def _escaped(step: int | str) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")

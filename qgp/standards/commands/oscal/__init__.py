"""Conversion of an OSCAL catalog (JSON) to the records of a shipped standard."""

import re
from collections.abc import Iterator
from hashlib import sha256

from qgp.standards.commands.catalogue.records import CatalogueClause, CatalogueStandard
from qgp.standards.commands.oscal.document import (
    MAX_DEPTH,
    Catalog,
    Control,
    Metadata,
    Node,
    Parameter,
    Part,
    nodes,
    parse,
    refused,
)
from qgp.standards.commands.oscal.parameters import Parameters
from qgp.standards.model.terms import StandardKind, StandardStatus

__all__ = ["read"]

_NUMBER_LIMIT = 64
_CODE_LIMIT = 64
_REVISION = re.compile(r"\b(?:revision|rev\.?|version|ver\.?|v)\s*\d[\w.]*", re.IGNORECASE)


def read(
    raw: bytes, *, family_code: str | None = None, edition: str | None = None
) -> CatalogueStandard:
    """Read an OSCAL catalog or resolved profile.

    Groups become nodes that only group; every control and enhancement can be assessed, its
    statement with the parameters filled in. Withdrawn controls are left out. The same file
    always gives the same keys: the ids of the file.

    Args:
        family_code: made from the title without its revision if absent.
        edition: the file's version if absent.

    Raises:
        Invalid: the file is broken; the message names the place and what to mend, the path
            holds the JSON pointer.
    """
    catalog = parse(raw)
    about = catalog.metadata
    return CatalogueStandard(
        family_code=family_code or _family_code(about.title),
        edition=edition or about.version,
        title=about.title,
        kind=StandardKind.CONTROL_SET,
        publisher=_publisher(about),
        published_on=about.published.date() if about.published else None,
        status=StandardStatus.ACTIVE,
        transition_deadline=None,
        supersedes=None,
        licence_note="Imported from an OSCAL file; its publisher's terms apply.",
        clauses=tuple(_clauses(catalog)),
    )


def _family_code(title: str) -> str:
    """Return a code that all revisions of the publication share."""
    code = re.sub(r"[\W_]+", "-", _REVISION.sub(" ", title)).strip("-").upper()
    if not code:
        raise refused("/catalog/metadata/title", "has no letter or digit; give a real title")
    if len(code) <= _CODE_LIMIT:
        return code
    return f"{code[: _CODE_LIMIT - 9]}-{sha256(code.encode()).hexdigest()[:8].upper()}"


def _publisher(about: Metadata) -> str:
    names = {party.uuid: party.name for party in about.parties if party.name}
    for role in ("publisher", "creator"):
        for each in about.responsible:
            if each.role_id == role:
                return ", ".join(names[uuid] for uuid in each.party_uuids if uuid in names)
    return ""


def _clauses(catalog: Catalog) -> Iterator[CatalogueClause]:
    tree = list(nodes(catalog))
    parameters = Parameters(_located_parameters(catalog, tree))
    keys: dict[str, str] = {}
    numbers: dict[str, str] = {}
    for node in tree:
        _claim(keys, node.element.id, f"{node.pointer}/id")
        if not _is_withdrawn(node):
            clause = _clause(node, parameters)
            _claim(numbers, clause.number, node.pointer)
            yield clause
    if not numbers:
        raise refused("/catalog", "holds no control; choose another file")


def _located_parameters(catalog: Catalog, tree: list[Node]) -> Iterator[tuple[str, Parameter]]:
    places = [("/catalog", catalog.params), *((n.pointer, n.element.params) for n in tree)]
    for pointer, parameters in places:
        for index, parameter in enumerate(parameters):
            yield f"{pointer}/params/{index}", parameter


def _claim(taken: dict[str, str], name: str | None, pointer: str) -> None:
    if name is not None and taken.setdefault(name, pointer) != pointer:
        raise refused(pointer, f"repeats '{name}' of {taken[name]}; rename one of them")


def _clause(node: Node, parameters: Parameters) -> CatalogueClause:
    element = node.element
    above = [each for each in node.ancestors if not _is_withdrawn(each)]
    number = _number(node)
    is_control = isinstance(element, Control)
    return CatalogueClause(
        key=element.id or number,
        number=number,
        title=element.title,
        guidance=_text(node, "guidance", parameters) or "",
        parent=_number(above[-1]) if above else None,
        depth=len(above),
        is_requirement=is_control,
        text=_text(node, "statement", parameters),
    )


def _is_withdrawn(node: Node) -> bool:
    return isinstance(node.element, Control) and node.element.is_withdrawn


def _number(node: Node) -> str:
    """Return the label, as 'AC-2(1)', else the id in capitals."""
    element = node.element
    number = element.label or (element.id or "").upper()
    if not number:
        raise refused(f"{node.pointer}/id", "is missing; the group needs one to get its number")
    if len(number) > _NUMBER_LIMIT:
        raise refused(node.pointer, f"has a label of more than {_NUMBER_LIMIT} characters")
    return number


def _text(node: Node, name: str, parameters: Parameters) -> str | None:
    """Return the text of all parts of that name: items on lines of their own, indented."""
    if not isinstance(node.element, Control):
        return None
    lines: list[str] = []
    for index, part in enumerate(node.element.parts):
        if part.name == name:
            lines += _lines(part, f"{node.pointer}/parts/{index}", parameters, depth=0)
    return "\n".join(lines) or None


def _lines(part: Part, pointer: str, parameters: Parameters, *, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise refused(pointer, f"is nested more than {MAX_DEPTH} levels deep; flatten it")
    prose = parameters.fill(part.prose or "", f"{pointer}/prose").strip()
    if line := " ".join(filter(None, (part.label, prose))):
        yield "  " * max(depth - 1, 0) + line
    for index, inner in enumerate(part.parts):
        yield from _lines(inner, f"{pointer}/parts/{index}", parameters, depth=depth + 1)

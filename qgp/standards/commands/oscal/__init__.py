"""Conversion of an OSCAL catalog (JSON) to the records of a shipped standard."""

import re
from collections.abc import Collection, Iterator

from qgp.standards.commands.catalogue.records import CatalogueClause, CatalogueStandard
from qgp.standards.commands.oscal.document import (
    MAX_CLAUSE,
    MAX_DEPTH,
    Catalog,
    Control,
    Metadata,
    Node,
    Parameter,
    Part,
    is_withdrawn,
    line,
    nodes,
    parse,
    refused,
)
from qgp.standards.commands.oscal.numbers import numbers, shortened
from qgp.standards.commands.oscal.parameters import Parameters
from qgp.standards.commands.oscal.succession import former_keys_of
from qgp.standards.model.terms import StandardKind, StandardStatus

__all__ = ["read"]

_CODE_LIMIT = 64
_EDITION_LIMIT = 40
_SUMMARY = ("overview", "guidance")  # names of the parts
_STATEMENT = ("statement",)
_REVISION = re.compile(r"\b(?:revision|rev\.?|version|ver\.?|v)\s*\d[\w.]*", re.IGNORECASE)


def read(
    raw: bytes, *, family_code: str | None = None, edition: str | None = None
) -> CatalogueStandard:
    """Read an OSCAL catalog or resolved profile.

    Groups become nodes that only group; every control and enhancement can be assessed. Titles and
    texts have their parameters filled in. Withdrawn controls are left out. The same file always
    gives the same keys and numbers: the ids, else the places in the file.

    Args:
        family_code: made from the title without its revision if absent.
        edition: the file's version if absent.

    Raises:
        Invalid: the file is broken; the message names the place and what to mend, the path
            holds the JSON pointer.
    """
    catalog = parse(raw)
    about = catalog.metadata
    title = line(about.title, "/catalog/metadata/title")
    return CatalogueStandard(
        family_code=family_code or _family_code(title),
        edition=edition
        or shortened(line(about.version, "/catalog/metadata/version"), _EDITION_LIMIT),
        title=title,
        kind=StandardKind.CONTROL_SET,
        publisher=_publisher(about),
        published_on=about.published.date() if about.published else None,
        status=StandardStatus.ACTIVE,
        transition_deadline=None,
        supersedes=None,
        licence_note="Imported from an OSCAL file; its publisher's terms apply.",
        clauses=tuple(_clauses(catalog)),
        document_ids=tuple(dict.fromkeys(_document_ids(catalog))),
    )


def _family_code(title: str) -> str:
    """Return a code that all revisions of the publication share."""
    code = re.sub(r"[\W_]+", "-", _REVISION.sub(" ", title)).strip("-").upper()
    if not code:
        raise refused("/catalog/metadata/title", "has no letter or digit; give a real title")
    return shortened(code, _CODE_LIMIT)


def _document_ids(catalog: Catalog) -> Iterator[str]:
    """Yield the uuid, and the ids that all editions of the document share."""
    if catalog.uuid:
        yield f"urn:uuid:{line(catalog.uuid, '/catalog/uuid').lower()}"
    for index, each in enumerate(catalog.metadata.document_ids):
        pointer = f"/catalog/metadata/document-ids/{index}"
        yield line(f"{each.scheme} {each.identifier}", pointer)


def _publisher(about: Metadata) -> str:
    names = {str(party.uuid): str(party.name) for party in about.parties if party.name}
    for role in ("publisher", "creator"):
        for each in about.responsible:
            if each.role_id == role:
                present = [names[str(uuid)] for uuid in each.party_uuids if str(uuid) in names]
                return line(", ".join(present), "/catalog/metadata/parties")
    return ""


def _clauses(catalog: Catalog) -> Iterator[CatalogueClause]:
    tree = list(nodes(catalog))
    parameters = Parameters(_located_parameters(catalog, tree))
    _require_distinct_ids(tree)
    kept = [node for node in tree if not is_withdrawn(node)]
    above = {node.pointer: [a for a in node.ancestors if not is_withdrawn(a)] for node in kept}
    parents = {pointer: ancestors[-1] for pointer, ancestors in above.items() if ancestors}
    number_of, former_keys = numbers(kept, parents), former_keys_of(tree)
    for node in kept:
        parent = parents.get(node.pointer)
        yield CatalogueClause(
            key=node.element.id or node.pointer,
            number=number_of[node.pointer],
            title=_title(node, parameters),
            guidance=_text(node, _SUMMARY, parameters) or "",
            parent=number_of[parent.pointer] if parent else None,
            depth=len(above[node.pointer]),
            is_requirement=isinstance(node.element, Control),
            text=_text(node, _STATEMENT, parameters),
            former_keys=tuple(former_keys.get(node.element.id or "", ())),
        )
    if not any(isinstance(node.element, Control) for node in kept):
        raise refused("/catalog", "holds no control; choose another file")


def _located_parameters(catalog: Catalog, tree: list[Node]) -> Iterator[tuple[str, Parameter]]:
    places = [("/catalog", catalog.params), *((n.pointer, n.element.params) for n in tree)]
    for pointer, parameters in places:
        for index, parameter in enumerate(parameters):
            yield f"{pointer}/params/{index}", parameter


def _require_distinct_ids(tree: list[Node]) -> None:
    places: dict[str, str] = {}
    for node in tree:
        pointer = f"{node.pointer}/id"
        if (id := node.element.id) and (first := places.setdefault(id, pointer)) != pointer:
            raise refused(pointer, f"repeats '{id}' of {first}; rename one of them")


def _title(node: Node, parameters: Parameters) -> str:
    pointer = f"{node.pointer}/title"
    return line(parameters.fill(node.element.title, pointer), pointer)


def _text(node: Node, names: Collection[str], parameters: Parameters) -> str | None:
    """Return the text of all parts with these names: items on lines of their own, indented."""
    lines: list[str] = []
    for index, part in enumerate(node.element.parts):
        if part.name in names:
            lines += _lines(part, f"{node.pointer}/parts/{index}", parameters, depth=0)
    text = "\n".join(lines)
    if len(text) > MAX_CLAUSE:
        limit = f"{MAX_CLAUSE:,} characters"
        raise refused(f"{node.pointer}/parts", f"have together more than {limit}; shorten them")
    return text or None


def _lines(part: Part, pointer: str, parameters: Parameters, *, depth: int) -> Iterator[str]:
    if depth > MAX_DEPTH:
        raise refused(pointer, f"is nested more than {MAX_DEPTH} levels deep; flatten it")
    label = line(part.label or "", f"{pointer}/props")
    prose = parameters.fill(part.prose or "", f"{pointer}/prose").strip()
    if text := " ".join(filter(None, (label, prose))):
        yield "  " * max(depth - 1, 0) + text
    for index, inner in enumerate(part.parts):
        yield from _lines(inner, f"{pointer}/parts/{index}", parameters, depth=depth + 1)

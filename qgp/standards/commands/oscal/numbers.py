"""Numbers of imported clauses: unique in the catalog, and the same at each import of a file."""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import count
from typing import Final

from qgp.standards.commands.oscal.document import Node, line

LIMIT: Final = 64  # characters of a number
_DIGITS = 8


def numbers(tree: Sequence[Node], parents: Mapping[str, Node]) -> Mapping[str, str]:
    """Return the number of each node by its JSON pointer.

    It is the label, else the id in capitals. Where an earlier node has it, letter case apart, it is
    the id, else the parent's number followed by label, id or place.

    Args:
        tree: parents before their children.
        parents: the node above, by the pointer of the node; absent at the top.
    """
    assigned: dict[str, str] = {}
    taken: set[str] = set()

    def assign(node: Node, number: str) -> bool:
        if number.casefold() in taken:
            return False
        taken.add(number.casefold())
        assigned[node.pointer] = number
        return True

    named = {node.pointer: _named(node) for node in tree}
    for node in tree:
        if names := named[node.pointer]:
            assign(node, names[0])
    for node in tree:
        if node.pointer not in assigned:
            above = parents.get(node.pointer)
            parent = assigned[above.pointer] if above else None
            any(assign(node, each) for each in _candidates(node, named[node.pointer], parent))
    return assigned


def shortened(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters; a longer one ends with a part of its hash."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - _DIGITS - 1]}-{sha256(text.encode()).hexdigest()[:_DIGITS].upper()}"


def _named(node: Node) -> list[str]:
    """Return label and id, if present, without a label that is too long."""
    label, id = node.element.label, node.element.id
    names = [line(label, f"{node.pointer}/props")] if label else []
    names = [name for name in names if len(name) <= LIMIT]
    if id:
        names.append(shortened(line(id, f"{node.pointer}/id").upper(), LIMIT))
    return names


def _candidates(node: Node, names: Sequence[str], parent: str | None) -> Iterator[str]:
    """Yield numbers for a node, the best first, without end."""
    yield from names
    above = f"{parent}." if parent else ""
    place = int(node.pointer.rpartition("/")[2]) + 1
    for name in [*(names if parent else ()), str(place)]:
        yield shortened(f"{above}{name}", LIMIT)
    for number in count(2):
        yield shortened(f"{above}{place}-{number}", LIMIT)

"""Withdrawn controls, and the controls that they moved to or were incorporated into."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from qgp.standards.commands.oscal.document import Control, Node, Part, is_withdrawn

MAX_FOLLOWED: Final = 100
"""Controls that are looked at for the successors of one withdrawn control."""


def former_keys_of(tree: Sequence[Node]) -> Mapping[str, Sequence[str]]:
    """Return the ids of the withdrawn controls that each control in use follows, by its id.

    A link points at a control, or at a part of one. Where the target is withdrawn as well, its own
    links are followed; a link that leads nowhere is passed over.
    """
    controls = {each.id: each for node in tree if isinstance(each := node.element, Control)}
    owners = {id: each.id for each in controls.values() for id in _part_ids(each.parts)}
    owners |= {id: id for id in controls}
    withdrawn = [str(node.element.id) for node in tree if is_withdrawn(node)]
    former: dict[str, list[str]] = {}
    for id in withdrawn:
        for successor in _successors(id, controls, owners):
            former.setdefault(successor, []).append(id)
    return former


def _successors(
    id: str, controls: Mapping[str, Control], owners: Mapping[str, str]
) -> Iterator[str]:
    """Yield the controls in use that a withdrawn one leads to."""
    seen, waiting = {id}, [id]
    while waiting and len(seen) < MAX_FOLLOWED:
        for target in controls[waiting.pop()].successors:
            owner = owners.get(target)
            if owner is None or owner in seen:
                continue
            seen.add(owner)
            if controls[owner].is_withdrawn:
                waiting.append(owner)
            else:
                yield owner


def _part_ids(parts: Sequence[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part.id, str):
            yield part.id
        yield from _part_ids(part.parts)

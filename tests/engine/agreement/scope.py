"""Response names of a selection, so that every added field merges with it.

Follows OverlappingFieldsCanBeMerged (specification, 5.3.2): two selections of one response name
must be of one shape, and of one field with the same arguments unless their parents are two object
types.
"""

from dataclasses import dataclass, field

from graphql import GraphQLNamedType, is_object_type

Parent = GraphQLNamedType


@dataclass
class Entry:
    """The field that a response name stands for.

    Attributes:
        kind: the field's type, as the schema writes it.
        calls: field and arguments as written, by the type that they were selected on.
        below: the names taken below; None for a leaf.
        page: the largest page that its arguments ask for; 1 where there are no pages.
    """

    kind: str
    calls: dict[str, tuple[Parent, str]] = field(default_factory=dict)
    below: "Scope | None" = None
    page: int = 1


class Scope(dict[str, Entry]):
    """The response names of one place in the answer."""

    def fits(self, name: str, parent: Parent, call: str, kind: str, *, is_leaf: bool) -> bool:
        """Say whether a selection can stand beside those that are there."""
        entry = self.get(name)
        if entry is None:
            return True
        if entry.kind != kind:
            return False
        others = [pair for pair in entry.calls.values() if pair[1] != call]
        return not others or (is_leaf and all(_apart(parent, other) for other, _ in others))

    def take(self, name: str, parent: Parent, call: str, kind: str, *, is_leaf: bool) -> Entry:
        """Add a selection that fits."""
        entry = self.setdefault(name, Entry(kind, below=None if is_leaf else Scope()))
        entry.calls[parent.name] = (parent, call)
        return entry

    def admits(self, other: "Scope") -> bool:
        """Say whether everything in another scope fits into this one."""
        return all(
            self.fits(name, parent, call, entry.kind, is_leaf=entry.below is None)
            and (
                entry.below is None
                or name not in self
                or (self[name].below or Scope()).admits(entry.below)
            )
            for name, entry in other.items()
            for parent, call in entry.calls.values()
        )

    def absorb(self, other: "Scope") -> None:
        """Add everything in another scope."""
        for name, entry in other.items():
            for parent, call in entry.calls.values():
                mine = self.take(name, parent, call, entry.kind, is_leaf=entry.below is None)
                mine.page = entry.page
                if mine.below is not None and entry.below is not None:
                    mine.below.absorb(entry.below)


def _apart(one: Parent, other: Parent) -> bool:
    return is_object_type(one) and is_object_type(other) and one.name != other.name

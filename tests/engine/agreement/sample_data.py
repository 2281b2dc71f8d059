"""Sample of the data: values that match, ids that do and do not, cursors of real pages."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

Subject = tuple[str, str]  # a type and its field
LATER = "2199-12-31T00:00:00Z"  # when everything is there


@dataclass(frozen=True)
class Spot:
    """A filter and an order of a list, and the cursors of its rows."""

    filter: Any
    order: Any
    cursors: tuple[str, ...]


@dataclass
class SampleData:
    """Values that an owner has read, and ids of another organization.

    Attributes:
        values: distinct values of each field, ids among them.
        holders: ids of some records that have a value in a field.
        foreign: ids, as in `values`, of the other organization.
        spots: by the field that lists.
        hits: arguments that find something, by the root field, where it takes several ids.
        forbidden: root fields that a person was refused, by the person.
    """

    values: dict[Subject, list[Any]] = field(default_factory=lambda: defaultdict(list))
    holders: dict[Subject, list[str]] = field(default_factory=lambda: defaultdict(list))
    foreign: dict[Subject, list[Any]] = field(default_factory=lambda: defaultdict(list))
    spots: dict[Subject, list[Spot]] = field(default_factory=lambda: defaultdict(list))
    hits: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    forbidden: dict[str, frozenset[str]] = field(default_factory=dict)

    def cursors(self) -> list[str]:
        """Return the cursors of all lists."""
        return [text for spots in self.spots.values() for spot in spots for text in spot.cursors]

    def ids(self) -> list[list[str]]:
        """Return the ids of everything that the organization has, kind by kind."""
        return [ids for (_, name), ids in self.values.items() if name == "id" and ids]

"""Counts how often each part of the schema was used, so that the rare is drawn more often."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

T = TypeVar("T")
Part = tuple[str, str]  # a type, and its field, argument path or value


class Tally:
    """Draws by how seldom something was drawn before.

    Attributes:
        used: how often each part was drawn.
        met: how often each field came back with a value; whoever runs the operations tells.
    """

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.used: Counter[Part] = Counter()
        self.met: Counter[Part] = Counter()
        self._owners: set[str] = set()

    def note(self, owner: str, name: str) -> None:
        """Count one use."""
        self.used[owner, name] += 1

    def note_met(self, parts: Iterable[Part]) -> None:
        """Count the fields that came back with a value."""
        for part in parts:
            self.met[part] += 1
            self._owners.add(part[0])

    def rarest(
        self, owner: str, names: Sequence[str], favour: Callable[[str], float] = lambda _: 1.0
    ) -> str:
        """Draw a name of the owner: the chance falls with its uses; `favour` multiplies it."""
        weights = [favour(name) / (1 + self._uses(owner, name)) ** 2 for name in names]
        (drawn,) = self.chance.choices(names, weights)
        self.note(owner, drawn)
        return drawn

    def missing(self, owner: str, names: Sequence[str]) -> float:
        """Return the share of an owner's fields that never came back with a value."""
        return sum(not self.met[owner, name] for name in names) / len(names)

    def _uses(self, owner: str, name: str) -> float:
        """Count a use in vain for little, where anybody tells."""
        used, met = self.used[owner, name], self.met[owner, name]
        return met + (used - met) / 6 if owner in self._owners and used > met else used

    def happens(self, share: float) -> bool:
        """Draw yes in that share of all cases."""
        return self.chance.random() < share

    def one(self, of: Sequence[T]) -> T:
        """Draw one of several."""
        return self.chance.choice(of)

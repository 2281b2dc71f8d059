"""Cache of bounded size that evicts the least recently used value."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class LRUCache(Generic[V]):
    """Cache of at most `most` values."""

    def __init__(self, most: int) -> None:
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._most = most

    def get_or_make(self, key: Hashable, make: Callable[[], V]) -> V:
        """Return the value of a key; make and store it where it is absent."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key]
        return self.put(key, make())

    def get(self, key: Hashable) -> V | None:
        """Return the value of a key, or None where it is absent."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: V) -> V:
        """Store a value; evict the least recently used one beyond the bound."""
        self._values[key] = value
        if len(self._values) > self._most:
            self._values.popitem(last=False)
        return value

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def discard(self, key: Hashable) -> None:
        """Remove a key, if present."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Remove all values."""
        self._values.clear()

    def __len__(self) -> int:
        return len(self._values)

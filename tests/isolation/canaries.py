"""Ids and words by which an answer tells of what must not show."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_HEX = re.compile("(?=([0-9a-f]{32}))")


@dataclass(frozen=True)
class Canaries:
    """What must not show: the hexadecimal ids of records, and words."""

    hexes: frozenset[str]
    words: re.Pattern[str]

    @classmethod
    def of(cls, hexes: Iterable[str], words: Iterable[str]) -> "Canaries":
        """Tell ids and words apart, since thousands of ids are looked up faster than matched."""
        return cls(frozenset(hexes), re.compile("|".join(map(re.escape, words))))

    def first_in(self, text: str) -> str | None:
        """Return a word that a text holds, or an id, which may be written with dashes."""
        if match := self.words.search(text):
            return match[0]
        hexes = (match[1] for match in _HEX.finditer(text.replace("-", "")))
        return next((text for text in hexes if text in self.hexes), None)

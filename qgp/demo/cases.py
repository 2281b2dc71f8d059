"""What the stories of one finding or CAPA have in common: theme, place, people, chance."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from random import Random

from qgp.demo.company import EMPLOYEES, PEOPLE, PROCESSES, QUALITY
from qgp.demo.themes import Seen, Theme
from qgp.demo.words import told

_PARTS = {part.code: part for part in PROCESSES}
_AT: Mapping[str, tuple[str, ...]] = {
    "P05": ("WRO",),
    "P07": ("HAM", "HAM", "BER"),
    "P08": ("HAM",),
    "P01": ("HAM",),
}
_ANYWHERE = ("BER", "BER", "WRO", "HAM")


@dataclass(frozen=True)
class Case:
    """One thing that went wrong, or right.

    Attributes:
        seen: what came to light, in full sentences.
        owner: who answers for it.
        verifier: who looks whether it is mended, and has no part in it.
        hands: who works on it, the owner left out.
    """

    theme: Theme
    seen: Seen
    site: str
    owner: str
    verifier: str
    hands: tuple[str, ...]
    chance: Random

    @property
    def department(self) -> str:
        """The department that answers for the theme's process."""
        return _PARTS[self.theme.process].department

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody who talks about it and sees it."""
        return tuple(one for one in (self.owner, self.verifier, "reinhardt", "demir") if one)


def case_of(
    theme: Theme, chance: Random, site: str | None = None, question: str | None = None
) -> Case:
    """Put a case together by chance.

    Args:
        question: what was asked when it came to light.
    """
    owner = _PARTS[theme.process].owner
    if theme.process == "P04" and chance.random() < 0.3:
        owner = "zielinski"
    site = site or chance.choice(_AT.get(theme.process, _ANYWHERE))
    verifiers = [one for one in (*QUALITY, "larsen") if one != owner]
    near = [one for one in EMPLOYEES if PEOPLE[one].site == site] or list(EMPLOYEES)
    hands = (chance.choice(near), chance.choice(EMPLOYEES), chance.choice(near))
    seen = chance.choice(theme.seen)
    if question in theme.questions:
        seen = theme.seen[theme.questions.index(question)]
    seen = Seen(*told(astuple(seen), chance))
    return Case(theme, seen, site, owner, chance.choice(verifiers), hands, chance)

"""Facts shared by the scenarios of one finding or CAPA: theme, site, people, random numbers."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from random import Random

from qgp.demo.company import EMPLOYEES, PEOPLE, PROCESSES, QUALITY
from qgp.demo.themes import Seen, Theme
from qgp.demo.words import fill_alike

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
    """One observation of a theme, good or bad.

    Attributes:
        seen: the observation, with its gaps filled.
        owner: of the finding.
        verifier: of the corrective action, without a part in it.
        workers: of its actions, without the owner.
    """

    theme: Theme
    seen: Seen
    site: str
    owner: str
    verifier: str
    workers: tuple[str, ...]
    chance: Random

    @property
    def department(self) -> str:
        """Department responsible for the theme's process."""
        return _PARTS[self.theme.process].department

    @property
    def people(self) -> tuple[str, ...]:
        """Users who comment on it and collect evidence."""
        return tuple(one for one in (self.owner, self.verifier, "reinhardt", "demir") if one)


def case_of(
    theme: Theme, chance: Random, site: str | None = None, question: str | None = None
) -> Case:
    """Return a random case of a theme.

    Args:
        question: the audit question that led to it.
    """
    owner = _PARTS[theme.process].owner
    if theme.process == "P04" and chance.random() < 0.3:
        owner = "zielinski"
    site = site or chance.choice(_AT.get(theme.process, _ANYWHERE))
    verifiers = [one for one in (*QUALITY, "larsen") if one != owner]
    near = [one for one in EMPLOYEES if PEOPLE[one].site == site] or list(EMPLOYEES)
    workers = (chance.choice(near), chance.choice(EMPLOYEES), chance.choice(near))
    seen = chance.choice(theme.seen)
    if question in theme.questions:
        seen = theme.seen[theme.questions.index(question)]
    seen = Seen(*fill_alike(astuple(seen), chance))
    return Case(theme, seen, site, owner, chance.choice(verifiers), workers, chance)

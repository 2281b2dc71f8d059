"""What a theme is: what is asked, found, done and proved about one clause."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """Something that is found again and again.

    Attributes:
        title, matter, evidence: what it is called, what is wrong, what shows it.
        containment: what keeps its effects in check at once.
    """

    title: str
    matter: str
    evidence: str
    containment: str


@dataclass(frozen=True)
class Theme:
    """Building blocks for stories; texts have gaps for `words.said`.

    Attributes:
        name: as a section of a checklist is called.
        clauses: family and number, the primary one first.
        process: code of the process that answers for it.
        requirement: what should be, in our own words.
        questions: what an auditor asks; one that fails shows what `seen` has in its place.
        whys: from the symptom to the root cause.
        cause: code of the root cause's category.
        remedies: what removes the cause.
        proofs: what shows that it was done.
        criteria: what has to be seen to call it effective.
    """

    name: str
    clauses: tuple[str, ...]
    process: str
    requirement: str
    questions: tuple[str, ...]
    seen: tuple[Seen, ...]
    whys: tuple[str, ...]
    cause: str
    remedies: tuple[str, ...]
    proofs: tuple[str, ...]
    criteria: str

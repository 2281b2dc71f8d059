"""Themes: texts of questions, findings, actions and evidence about one clause."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Seen:
    """A typical observation.

    Attributes:
        title, matter, evidence: title, statement and objective evidence of the finding.
        containment: containment action.
    """

    title: str
    matter: str
    evidence: str
    containment: str


@dataclass(frozen=True)
class Theme:
    """Texts for scenarios, with gaps for `words.fill`.

    Attributes:
        name: of the section of a checklist.
        clauses: family and number, the primary one first.
        process: code of the responsible process.
        requirement: the requirement, paraphrased.
        questions: of the checklist; a failing one leads to the entry of `seen` at its position.
        whys: from the symptom to the root cause.
        cause: code of the root cause's category.
        remedies: corrective actions.
        proofs: evidence of completion.
        criteria: of effectiveness.
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

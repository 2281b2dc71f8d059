"""What people say about records, and what they show for them."""

from random import Random
from typing import Any

from qgp.actions.loaders import action_by_id
from qgp.audits.loaders import audit_by_id
from qgp.capas.loaders import capa_by_id
from qgp.demo.papers import measured
from qgp.demo.stage import Stage, Story, dice
from qgp.demo.themes import Theme
from qgp.demo.words import said
from qgp.evidence.model import (
    EvidenceConfidentiality,
    EvidenceKind,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.findings.loaders import finding_by_id
from qgp.kit.model import Record
from qgp.kit.subjects import Subject

# What people talk about; a record becomes a subject with the file that loads it.
SUBJECTS = (action_by_id, audit_by_id, capa_by_id, finding_by_id)
_DRIVE = "https://dms.demo.example/records"
_MEASURED = 0.12  # share of evidence that is a list of measurements
_AGREED = EvidenceLinkStatus.CONFIRMED
_SAYINGS = (
    ("Have we seen this at another site too?", "Asked around: not in Hamburg."),
    ("Please look at {document} as well.", "Done, it says the same."),
    ("Can we borrow a device from the test field until then?", "Yes, {gauge} is free this week."),
    ("This is the second time in {area}. I would like to see the cause, not the correction.", None),
    ("Talked to {person}: nobody was told.", "Then let us put it into the shift meeting."),
    ("{customer} asks about this. What may I say?", "That we contain it; an answer by Friday."),
    ("Good work. I would use it at {machine} too.", None),
    ("The due day is tight. Is a week more possible?", "Only with a reason that holds."),
    ("I need somebody from maintenance for half a day.", "Wednesday morning works."),
)


async def talk(stage: Stage, row: Record, people: tuple[str, ...], chance: Random) -> None:
    """Let somebody say something about a record, and perhaps another answer."""
    question, answer = chance.choice(_SAYINGS)
    asks, answers = chance.choice(people), chance.choice(people)
    about = _about(row)
    mentioned = [stage.people[answers].user_id] if answers != asks else []
    first = await stage.act(
        asks,
        "commentCreate",
        subject_id=about,
        body=said(question, chance),
        mention_ids=mentioned,
    )
    if answer and mentioned:
        body = said(answer, chance)
        await stage.act(answers, "commentCreate", subject_id=about, body=body, parent_id=first.id)


async def show(
    stage: Stage,
    row: Record,
    who: str,
    theme: Theme,
    chance: Random,
    verdict: EvidenceLinkStatus | None = None,
) -> None:
    """Let somebody collect evidence about a record, which may speak for a clause.

    Args:
        verdict: that it does, and what others think of that; None leaves both to chance.
    """
    title = said(chance.choice(theme.proofs), chance)
    place = f"{_DRIVE}/{stage.today.year}/{chance.randrange(16**8):08x}"
    about, file = _about(row), None
    if chance.random() < _MEASURED:
        own = dice("measured", chance.random())  # the same stories, whether or not it is kept
        file = await measured(stage, about, who, title, own)
    item = await stage.act(
        who,
        "evidenceItemCreate",
        subject_id=about,
        title=title,
        description=None,
        kind=EvidenceKind.FILE if file else EvidenceKind.LINK,
        attachment_id=file.id if file else None,
        url=None if file else place,
        confidentiality=EvidenceConfidentiality.INTERNAL,
        effective_on=stage.today,
        period_start_on=None,
        period_end_on=None,
        expires_on=None,
    )
    if verdict or chance.random() < 0.5:
        story = _judged(stage, item, who, theme, chance, verdict)
        stage.begin(story, chance.uniform(0.5, 3))


async def _judged(
    stage: Stage,
    item: Any,
    who: str,
    theme: Theme,
    chance: Random,
    verdict: EvidenceLinkStatus | None,
) -> Story:
    """Propose what evidence says of the clause; somebody else agrees, mostly."""
    link = await stage.act(
        who,
        "evidenceLinkCreate",
        evidence_id=item.id,
        clause_id=stage.clauses[theme.clauses[0]],
        polarity=EvidencePolarity.SUPPORTS,
        strength=chance.randint(1, 3),
        note=None,
    )
    if verdict is EvidenceLinkStatus.PROPOSED:
        return
    yield chance.uniform(1, 40)
    judge = chance.choice([one for one in ("reinhardt", "larsen", "demir") if one != who])
    is_agreed = chance.random() < 0.9 if verdict is None else verdict is _AGREED
    if is_agreed:
        await stage.step(judge, "evidenceLinkConfirm", link)
    else:
        told = "It shows one place only; the clause asks for all of them."
        await stage.step(judge, "evidenceLinkReject", link, reason=told)


def _about(row: Record) -> Subject:
    return Subject(row.prefix, row.id)

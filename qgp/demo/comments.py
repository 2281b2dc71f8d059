"""Comments on records, and evidence about them."""

from random import Random
from typing import Any

from qgp.actions.loaders import action_by_id
from qgp.audits.loaders import audit_by_id
from qgp.capas.loaders import capa_by_id
from qgp.demo.files import upload_measurements
from qgp.demo.playback import Playback, Scenario, random_for
from qgp.demo.themes import Theme
from qgp.demo.words import fill
from qgp.evidence.model import (
    EvidenceConfidentiality,
    EvidenceKind,
    EvidenceLinkStatus,
    EvidencePolarity,
)
from qgp.findings.loaders import finding_by_id
from qgp.kit.model import Record
from qgp.kit.subjects import Subject

# A record becomes a subject when the module of its loader is imported.
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


async def comment_on(
    playback: Playback, row: Record, people: tuple[str, ...], chance: Random
) -> None:
    """Add a comment to a record, and perhaps a reply."""
    question, answer = chance.choice(_SAYINGS)
    asks, answers = chance.choice(people), chance.choice(people)
    about = _about(row)
    mentioned = [playback.people[answers].user_id] if answers != asks else []
    first = await playback.run(
        asks,
        "commentCreate",
        subject_id=about,
        body=fill(question, chance),
        mention_ids=mentioned,
    )
    if answer and mentioned:
        body = fill(answer, chance)
        await playback.run(
            answers, "commentCreate", subject_id=about, body=body, parent_id=first.id
        )


async def add_evidence(
    playback: Playback,
    row: Record,
    who: str,
    theme: Theme,
    chance: Random,
    verdict: EvidenceLinkStatus | None = None,
) -> None:
    """Collect evidence about a record, and perhaps link it to a clause.

    Args:
        verdict: the status of the link; None for a random one, or no link.
    """
    title = fill(chance.choice(theme.proofs), chance)
    place = f"{_DRIVE}/{playback.today.year}/{chance.randrange(16**8):08x}"
    about, file = _about(row), None
    if chance.random() < _MEASURED:
        # Random numbers of its own: scenarios are the same without a storage.
        evidence_chance = random_for("measured", chance.random())
        file = await upload_measurements(playback, about, who, title, evidence_chance)
    item = await playback.run(
        who,
        "evidenceItemCreate",
        subject_id=about,
        title=title,
        description=None,
        kind=EvidenceKind.FILE if file else EvidenceKind.LINK,
        attachment_id=file.id if file else None,
        url=None if file else place,
        confidentiality=EvidenceConfidentiality.INTERNAL,
        effective_on=playback.today,
        period_start_on=None,
        period_end_on=None,
        expires_on=None,
    )
    if verdict or chance.random() < 0.5:
        scenario = _link_to_clause(playback, item, who, theme, chance, verdict)
        playback.schedule(scenario, chance.uniform(0.5, 3))


async def _link_to_clause(
    playback: Playback,
    item: Any,
    who: str,
    theme: Theme,
    chance: Random,
    verdict: EvidenceLinkStatus | None,
) -> Scenario:
    """Propose a link to a clause; another person confirms or rejects it."""
    link = await playback.run(
        who,
        "evidenceLinkCreate",
        evidence_id=item.id,
        clause_id=playback.clauses[theme.clauses[0]],
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
        await playback.transition(judge, "evidenceLinkConfirm", link)
    else:
        reason = "It shows one place only; the clause asks for all of them."
        await playback.transition(judge, "evidenceLinkReject", link, reason=reason)


def _about(row: Record) -> Subject:
    return Subject(row.prefix, row.id)

"""What a CAPA's steps ask of other rows than its own."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.actions.model import OVER, Action
from qgp.actions.terms import ActionStatus
from qgp.capas.model import Capa, CapaFinding, CapaRound, CauseNode, RootCauseAnalysis
from qgp.capas.policy import READ
from qgp.capas.terms import AnalysisStatus, CapaStatus, EffectivenessMetric
from qgp.evidence.model import EvidenceItem
from qgp.findings.model import Finding, FindingClause
from qgp.findings.terms import FindingGrade, FindingStatus
from qgp.kit import ids
from qgp.kit.errors import Blocker
from qgp.kit.loader import Among, gathered
from qgp.kit.signing import Meaning, unsigned
from qgp.kit.workflow import Facts

MOST_TOLD = 10
_SETTLED = (FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VOID)


def _sources(among: Among) -> Any:
    return sa.select(CapaFinding.capa_id, CapaFinding.finding_id).where(among(CapaFinding.capa_id))


def _actions(among: Among) -> Any:
    told = (Action.capa_id, Action.id, Action.reference, Action.status)
    end = (Action.is_verification_required, Action.completed_at)
    wanted = sa.select(*told, *end, Action.owner_id, Action.completed_by_id)
    return wanted.where(among(Action.capa_id)).order_by(Action.reference)


def _beginnings(among: Among) -> Any:
    """Select when the present round of each CAPA began, but for a first one."""
    wanted = sa.select(CapaRound.capa_id, sa.func.max(CapaRound.created_at))
    return wanted.where(among(CapaRound.capa_id)).group_by(CapaRound.capa_id)


def _evidence(among: Among) -> Any:
    """Select the CAPAs that something stands for, itself or about one of their actions."""
    theirs = sa.select(Action.id).where(Action.capa_id == Capa.id).correlate(Capa)
    about = EvidenceItem.subject_id
    shown = sa.select(EvidenceItem.id).where(
        EvidenceItem.withdrawn_at.is_(None), sa.or_(about == Capa.id, about.in_(theirs))
    )
    return sa.select(Capa.id).where(among(Capa.id), shown.correlate(Capa).exists())


def _completed(among: Among) -> Any:
    rounds = sa.select(RootCauseAnalysis.capa_id, RootCauseAnalysis.round).distinct()
    is_completed = RootCauseAnalysis.status == AnalysisStatus.COMPLETED
    return rounds.where(among(RootCauseAnalysis.capa_id), is_completed)


def _roots(among: Among) -> Any:
    keyed = sa.select(CauseNode.analysis_id).distinct()
    return keyed.where(among(CauseNode.analysis_id), CauseNode.is_root)


def _majors(among: Among) -> Any:
    """Select the sources that are major nonconformities."""
    same = sa.and_(
        Finding.organization_id == CapaFinding.organization_id, Finding.id == CapaFinding.finding_id
    )
    wanted = sa.select(CapaFinding.capa_id, Finding.id, Finding.reference).join(Finding, same)
    is_major = Finding.grade == FindingGrade.MAJOR
    return wanted.where(among(CapaFinding.capa_id), is_major).order_by(Finding.reference)


def _open_majors(among: Among) -> Any:
    """Select the sources that no CAPA may be cancelled under."""
    return _majors(among).where(Finding.status.not_in(_SETTLED))


def _behind(among: Among) -> Any:
    """Select clause, process and cause of what is behind each CAPA, and since when it is gone."""
    own, link, source, clause = Capa.organization_id, CapaFinding, Finding, FindingClause
    wanted = (
        sa.select(Capa.organization_id, Capa.id, Capa.implemented_on)
        .add_columns(clause.clause_id, source.process_id, source.cause_category_id)
        .join(link, _same(own, link, link.capa_id == Capa.id))
        .join(source, _same(own, source, source.id == link.finding_id))
        .join(clause, _same(own, clause, clause.finding_id == source.id))
    )
    # Told apart, so that a database that does not know its rows yet multiplies nothing.
    return wanted.where(among(Capa.id), clause.is_primary).cte("behind").prefix_with("MATERIALIZED")


def _recurrences(among: Among) -> Any:
    """Select what was found since the implementation and is like a source."""
    behind, link = _behind(among).c, aliased(CapaFinding)
    own, found, clause = behind.organization_id, aliased(Finding), aliased(FindingClause)
    alike = (found.process_id.is_not(None), found.cause_category_id.is_not(None))
    wanted = (
        sa.select(behind.id, found.id, found.reference, found.detected_on, *alike)
        .distinct()
        .join(clause, _same(own, clause, clause.clause_id == behind.clause_id))
        .join(found, _same(own, found, found.id == clause.finding_id))
    )
    mine = sa.select(link.finding_id).where(link.capa_id == behind.id).correlate(behind.id.table)
    return wanted.where(
        clause.is_primary,
        found.detected_on >= behind.implemented_on,
        found.process_id.is_not_distinct_from(behind.process_id),
        found.cause_category_id.is_not_distinct_from(behind.cause_category_id),
        found.status != FindingStatus.VOID,
        found.grade != FindingGrade.GOOD_PRACTICE,
        found.id.not_in(mine),
    ).order_by(found.detected_on, found.reference)


def _same(own: Any, other: Any, points: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(other.organization_id == own, points)


sources = gathered(READ, _sources)
actions = gathered(READ, _actions)
beginnings = gathered(READ, _beginnings)
evidence = gathered(READ, _evidence)
completed_rounds = gathered(READ, _completed)
marked_roots = gathered(READ, _roots)
majors = gathered(READ, _majors)
open_majors = gathered(READ, _open_majors)
recurrences = gathered(READ, _recurrences)


@Capa.workflow.guard("SOURCE")
async def has_source(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """What is issued follows from findings, or somebody says why it is needed without."""
    if capa.source_justification or await facts.load(sources, capa.id):
        return []
    told = "Nothing is behind it. Link a finding, or fill in the sourceJustification."
    return [Blocker("SOURCE", told, capa.public_id)]


@Capa.workflow.guard("RCA_COMPLETED")
async def cause_is_known(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """The cause is found in this round, or known for a reason (ISO 9001:2015, 10.2.1 b)."""
    if capa.cause_known_reason:
        return []
    if [capa.round] in await facts.load(completed_rounds, capa.id):
        return []
    told = (
        f"The cause is not settled in round {capa.round}. Complete a root cause analysis, "
        "or say in causeKnownReason why none is needed."
    )
    return [Blocker("RCA_COMPLETED", told, capa.public_id)]


@Capa.workflow.guard("ACTIONS_PLANNED")
async def has_plan(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """Somebody has something to do until a day; no action is without owner and due day.

    What an earlier round did is no plan for this one.
    """
    idle = {ActionStatus.CANCELLED} if capa.round == 1 else OVER
    found = await facts.load(actions, capa.id)
    if any(status not in idle for _, _, status, *_ in found):
        return []
    told = "Nothing is planned. Create an action with an owner and a due day."
    return [Blocker("ACTIONS_PLANNED", told, capa.public_id)]


@Capa.workflow.guard("ACTIONS_DONE")
async def plan_is_done(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """What was planned is done, and seen to be where that was asked, or given up for a reason.

    Something was done in this round: a plan that was given up as a whole is none.
    """
    found = await facts.load(actions, capa.id)
    left = [
        Blocker("ACTIONS_DONE", told.format(reference), ids.encode(Action.prefix, id))
        for id, reference, status, is_verified, *_ in found
        if (told := _left(status, is_verified))
    ]
    if left:
        return left[:MOST_TOLD]
    began = [at for (at,) in await facts.load(beginnings, capa.id)]
    ends = [end for _, _, status, _, end, *_ in found if status is not ActionStatus.CANCELLED]
    if any(end is not None and all(end >= at for at in began) for end in ends):
        return []
    is_late = capa.status is CapaStatus.EFFECTIVENESS
    way = "Say so (capaFail)." if is_late else "Create an action (actionCreate) and have it done."
    told = f"Nothing was done in round {capa.round}: no action was completed in it. {way}"
    return [Blocker("ACTIONS_DONE", told, capa.public_id)]


def _left(status: ActionStatus, is_verification_required: bool) -> str | None:
    """Tell what is left to be done of an action."""
    if status not in OVER:
        return "{} is not done. Complete it, or cancel it."
    if status is ActionStatus.DONE and is_verification_required:
        return "{} is done, but not verified. Let somebody else verify it (actionVerify)."
    return None


@Capa.workflow.guard("VERIFIER_DIFFERS")
async def took_no_part(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """Nobody verifies what they did themselves; the owner of the CAPA is kept apart as well."""
    me = facts.caller.user_id
    found = await facts.load(actions, capa.id)
    mine = [(id, reference) for id, reference, _, _, _, *people in found if me in people]
    return [
        Blocker(
            "VERIFIER_DIFFERS",
            f"{reference} is yours. Let somebody verify the CAPA who took no part in it.",
            ids.encode(Action.prefix, id),
            is_denial=True,
        )
        for id, reference in mine[:MOST_TOLD]
    ]


@Capa.workflow.guard("EVIDENCE")
async def is_evidenced(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """Something shows that the plan was carried out (ISO 9001:2015, 10.2.2)."""
    if await facts.load(evidence, capa.id):
        return []
    told = (
        "Nothing shows that it is done. Collect evidence about the CAPA or one of its actions "
        "(evidenceItemCreate)."
    )
    return [Blocker("EVIDENCE", told, capa.public_id)]


@Capa.workflow.guard("NO_RECURRENCE")
async def stayed_away(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """What was to stay away has stayed away, where that is the metric (ISO 9001:2015, 10.2.1 d)."""
    if capa.effectiveness_metric is not EffectivenessMetric.NO_RECURRENCE:
        return []
    return [
        Blocker(
            "NO_RECURRENCE",
            f"{recurred(found[1], found)} Say that this round was ineffective (capaFail).",
            ids.encode(Finding.prefix, found[0]),
        )
        for found in (await facts.load(recurrences, capa.id))[:MOST_TOLD]
    ]


def recurred(name: str, found: Any) -> str:
    """Tell what came again, in a sentence.

    Args:
        name: what it is called; not its reference where the sentence is kept in a record, which
            people read who may not see the finding.
        found: as `recurrences` tells it.
    """
    _, _, day, *same = found
    told = f"{name} was detected on {day.isoformat()}, since the implementation"
    return f"{told}, with the same {_alike(*same)}."


def _alike(has_process: bool, has_cause: bool) -> str:
    """Name what a finding has in common with a source; what neither has is not the same."""
    further = ["process"] * has_process + ["cause"] * has_cause
    return " and ".join(filter(None, [", ".join(["clause", *further[:-1]]), *further[-1:]]))


@Capa.workflow.guard("SIGNATURE")
async def is_signed_for(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """What a major nonconformity has led to is closed by signature (21 CFR 11.50)."""
    if not await facts.load(majors, capa.id):
        return []
    return unsigned(facts, capa, Meaning.VERIFIED)


@Capa.workflow.guard("OPEN_MAJOR_SOURCE")
async def majors_are_settled(facts: Facts, capa: Capa) -> Sequence[Blocker]:
    """A major nonconformity is not left without corrective action."""
    return [
        Blocker(
            "OPEN_MAJOR_SOURCE",
            f"{reference} is a MAJOR source and still open. Bring it to its end, or take it off "
            "the CAPA (capaUnlinkFinding).",
            ids.encode(Finding.prefix, id),
        )
        for id, reference in (await facts.load(open_majors, capa.id))[:MOST_TOLD]
    ]


@RootCauseAnalysis.workflow.guard("ROOT_CAUSE_MARKED")
async def has_root(facts: Facts, analysis: RootCauseAnalysis) -> Sequence[Blocker]:
    """A finished analysis names at least one cause that can be removed."""
    if await facts.load(marked_roots, analysis.id):
        return []
    told = "No cause is marked as a root cause. Set isRoot on at least one."
    return [Blocker("ROOT_CAUSE_MARKED", told, analysis.public_id)]

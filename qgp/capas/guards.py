"""What a CAPA's steps ask of other rows than its own."""

from typing import Any

from qgp.capas.facts import (
    actions,
    beginnings,
    capas_going_on_unfiltered,
    completed_rounds,
    evidence,
    majors,
    marked_roots,
    open_majors,
    recurrences,
    sources,
)
from qgp.capas.model import Capa, RootCauseAnalysis
from qgp.capas.model.terms import CapaStatus, EffectivenessMetric
from qgp.capas.policy import URGENT
from qgp.findings.facts import capas_going_on
from qgp.kit import clock, ids
from qgp.kit.facts import Supplies
from qgp.kit.policy import QUALITY
from qgp.kit.signing import Meaning, unsigned
from qgp.kit.transitions import GuardContext, Missing, filled, guard

MOST_TOLD = 10

supplies = Supplies({capas_going_on: capas_going_on_unfiltered})
owned = filled("OWNER", "owner_id")


@guard("QM_APPROVAL", is_denial=True)
async def approved(facts: GuardContext, capa: Capa) -> str | None:
    """Quality approves the plan of a CAPA whose priority is HIGH or CRITICAL."""
    if capa.priority not in URGENT or facts.caller.role in QUALITY:
        return None
    return (
        f"The priority is {capa.priority.value}, so quality approves the plan. "
        "Ask a quality manager to take this step."
    )


@guard("RISK_REVIEWED")
async def risks_reviewed(_: GuardContext, capa: Capa) -> str | None:
    """The risk review is recorded, where one is required (ISO 9001:2015, 10.2.1 e)."""
    if capa.risk_review_note or not capa.is_risk_review_required:
        return None
    return "The risks are to be reviewed first. Review them, and fill in riskReviewNote."


@guard("DOCS_PUBLISHED")
async def published(_: GuardContext, capa: Capa) -> str | None:
    """The document change is recorded, where one is required (ISO 9001:2015, 10.2.1 f)."""
    if capa.document_change_note or not capa.is_document_change_required:
        return None
    return "Documents are to be changed. Publish them, and say in documentChangeNote which."


@guard("TRAINING_DONE")
async def trained(_: GuardContext, capa: Capa) -> str | None:
    """The training is recorded, where it is required (ISO 9001:2015, 7.2 c and 10.2.1 f)."""
    if capa.training_note or not capa.is_training_required:
        return None
    return "People are to be trained. Train them, and say in trainingNote whom and when."


measurable = filled("EFFECTIVENESS_DEFINED", "effectiveness_criteria", "effectiveness_metric")


@guard("WINDOW_ELAPSED")
async def elapsed(facts: GuardContext, capa: Capa) -> str | None:
    """The effectiveness window has ended, or a waiver reason is given."""
    due = capa.effectiveness_due_on
    if capa.waiver_reason or due is None or due <= clock.today(facts.caller.zone):
        return None
    return (
        f"The window of effectiveness ends on {due.isoformat()}. "
        "Wait until then, or give a waiverReason."
    )


@guard("SOURCE")
async def has_source(facts: GuardContext, capa: Capa) -> str | None:
    """A source finding is linked, or a source justification is given."""
    if capa.source_justification or await facts.load(sources, capa.id):
        return None
    return "Nothing is behind it. Link a finding, or fill in the sourceJustification."


@guard("RCA_COMPLETED")
async def cause_is_known(facts: GuardContext, capa: Capa) -> str | None:
    """A root cause analysis of this round is completed (ISO 9001:2015, 10.2.1 b)."""
    if capa.cause_known_reason:
        return None
    if [capa.round] in await facts.load(completed_rounds, capa.id):
        return None
    return (
        f"The cause is not settled in round {capa.round}. Complete a root cause analysis, "
        "or say in causeKnownReason why none is needed."
    )


@guard("ACTIONS_PLANNED")
async def has_plan(facts: GuardContext, capa: Capa) -> str | None:
    """An action is planned in this round.

    The actions of earlier rounds do not count.
    """
    rows = await facts.load(actions, capa.id)
    if any(is_open or (capa.round == 1 and not is_cancelled) for *_, is_open, is_cancelled in rows):
        return None
    return "Nothing is planned. Create an action with an owner and a due day."


@guard("ACTIONS_DONE")
async def plan_is_done(facts: GuardContext, capa: Capa) -> str | Missing:
    """Each action is done, verified where that is required, or cancelled.

    At least one action was completed in this round.
    """
    rows = await facts.load(actions, capa.id)
    left = [
        (message.format(reference), ids.encode(prefix, id))
        for prefix, id, reference, _, _, _, is_unverified, is_open, _ in rows
        if (message := _left(is_open=is_open, is_unverified=is_unverified))
    ]
    if left:
        return left[:MOST_TOLD]
    began = [at for (at,) in await facts.load(beginnings, capa.id)]
    ends = [end for _, _, _, end, *_, is_cancelled in rows if not is_cancelled]
    if any(end is not None and all(end >= at for at in began) for end in ends):
        return []
    is_late = capa.status is CapaStatus.EFFECTIVENESS
    way = (
        "Say so (capaRecordIneffective)."
        if is_late
        else "Create an action (actionCreate) and have it done."
    )
    return f"Nothing was done in round {capa.round}: no action was completed in it. {way}"


def _left(*, is_open: bool, is_unverified: bool) -> str | None:
    """Tell what is left to be done of an action."""
    if is_open:
        return "{} is not done. Complete it, or cancel it."
    if is_unverified:
        return "{} is done, but not verified. Let somebody else verify it (actionVerify)."
    return None


@guard("VERIFIER_DIFFERS", is_denial=True)
async def took_no_part(facts: GuardContext, capa: Capa) -> Missing:
    """Segregation of duties: the verifier owns and completed no action of the CAPA."""
    me = facts.caller.user_id
    mine = [row for row in await facts.load(actions, capa.id) if me in row[4:6]]
    return [
        (
            f"{reference} is yours. Let somebody verify the CAPA who took no part in it.",
            ids.encode(prefix, id),
        )
        for prefix, id, reference, *_ in mine[:MOST_TOLD]
    ]


@guard("EVIDENCE")
async def is_evidenced(facts: GuardContext, capa: Capa) -> str | None:
    """Evidence shows what was done (ISO 9001:2015, 10.2.2)."""
    if await facts.load(evidence, capa.id):
        return None
    return (
        "Nothing shows that it is done. Collect evidence about the CAPA or one of its actions "
        "(evidenceItemCreate)."
    )


@guard("NO_RECURRENCE")
async def stayed_away(facts: GuardContext, capa: Capa) -> Missing:
    """The problem has not recurred, where that is the metric (ISO 9001:2015, 10.2.1 d)."""
    if capa.effectiveness_metric is not EffectivenessMetric.NO_RECURRENCE:
        return []
    return [
        (
            f"{recurred(found[1], found)} Record the round as ineffective (capaRecordIneffective).",
            ids.encode("fnd", found[0]),
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


@guard("SIGNATURE")
async def is_signed_for(facts: GuardContext, capa: Capa) -> str | None:
    """A CAPA with a major nonconformity as its source is closed by signature (21 CFR 11.50)."""
    if not await facts.load(majors, capa.id):
        return None
    return unsigned(facts, Meaning.VERIFIED)


@guard("OPEN_MAJOR_SOURCE")
async def majors_are_settled(facts: GuardContext, capa: Capa) -> Missing:
    """No major nonconformity among its sources is open."""
    return [
        (
            f"{reference} is a MAJOR source and still open. Bring it to its end, or take it off "
            "the CAPA (capaUnlinkFinding).",
            ids.encode("fnd", id),
        )
        for id, reference in (await facts.load(open_majors, capa.id))[:MOST_TOLD]
    ]


@guard("ROOT_CAUSE_MARKED")
async def has_root(facts: GuardContext, analysis: RootCauseAnalysis) -> str | None:
    """A cause of the analysis is marked as a root cause."""
    if await facts.load(marked_roots, analysis.id):
        return None
    return "No cause is marked as a root cause. Set isRoot on at least one."

"""Guards of the workflows of CAPAs and root cause analyses."""

from qgp.capas.facts import (
    CapaAction,
    actions,
    analyses_with_root_cause,
    analyzed_rounds,
    capas_of_finding_unfiltered,
    evidence,
    owners_of_capas_unfiltered,
    round_starts,
    sources,
)
from qgp.capas.model import Capa, RootCauseAnalysis
from qgp.capas.model.terms import CapaStatus
from qgp.capas.policy import URGENT
from qgp.findings.facts import capa_owners, linked_capas
from qgp.kit import ids
from qgp.kit.facts import LoaderBindings
from qgp.kit.policy import QUALITY
from qgp.kit.signing import Meaning
from qgp.kit.transitions import GuardContext, Missing, filled, guard

MOST_BLOCKERS = 10  # of one guard

loader_bindings = LoaderBindings(
    {linked_capas: capas_of_finding_unfiltered, capa_owners: owners_of_capas_unfiltered}
)
has_owner = filled("OWNER", "owner_id")
has_effectiveness_criteria = filled(
    "EFFECTIVENESS_DEFINED", "effectiveness_criteria", "effectiveness_metric"
)


@guard("QM_APPROVAL", is_denial=True)
async def quality_releases_urgent_plan(facts: GuardContext, capa: Capa) -> str | None:
    """Quality releases the plan of a CAPA whose priority is HIGH or CRITICAL."""
    if capa.priority not in URGENT or facts.caller.role in QUALITY:
        return None
    return (
        f"The priority of {capa.reference} is {capa.priority.value}, so only quality releases its "
        "plan. Ask a quality manager to take the step capaReleasePlan."
    )


@guard("APPROVER_DIFFERS", is_denial=True)
async def owner_approves_no_urgent_plan(facts: GuardContext, capa: Capa) -> str | None:
    """Segregation of duties: the owner of a HIGH or CRITICAL CAPA does not approve its plan."""
    is_owner = capa.owner_id == facts.caller.user_id and facts.caller.role in QUALITY
    if capa.priority not in URGENT or not is_owner:
        return None
    return (
        f"Segregation of duties: you own {capa.reference}, whose priority is "
        f"{capa.priority.value}. Ask another quality manager to approve its plan (capaReleasePlan)."
    )


@guard("SIGNATURE")
async def urgent_plan_requires_signature(facts: GuardContext, capa: Capa) -> str | None:
    """The plan of a HIGH or CRITICAL CAPA is approved with an electronic signature."""
    return Meaning.APPROVED.required_of(facts) if capa.priority in URGENT else None


@guard("RISK_REVIEWED")
async def risk_review_is_recorded(_: GuardContext, capa: Capa) -> str | None:
    """The risk review is recorded, where one is required (ISO 9001:2015, 10.2.1 e)."""
    if capa.risk_review_note or not capa.is_risk_review_required:
        return None
    return (
        f"{capa.reference} requires a review of risks before implementation. Review them and "
        "record the result in riskReviewNote (capaUpdate)."
    )


@guard("DOCS_PUBLISHED")
async def document_change_is_recorded(_: GuardContext, capa: Capa) -> str | None:
    """The document change is recorded, where one is required (ISO 9001:2015, 10.2.1 f)."""
    if capa.document_change_note or not capa.is_document_change_required:
        return None
    return (
        f"{capa.reference} requires a change of controlled documents. Publish them and record "
        "documents and versions in documentChangeNote (capaUpdate)."
    )


@guard("TRAINING_DONE")
async def training_is_recorded(_: GuardContext, capa: Capa) -> str | None:
    """The training is recorded, where it is required (ISO 9001:2015, 7.2 c and 10.2.1 f)."""
    if capa.training_note or not capa.is_training_required:
        return None
    return (
        f"{capa.reference} requires training. Train the persons concerned and record persons and "
        "dates in trainingNote (capaUpdate)."
    )


@guard("SOURCE")
async def has_source(facts: GuardContext, capa: Capa) -> str | None:
    """A source finding is linked, or a source justification is recorded."""
    if capa.source_justification or await facts.load(sources, capa.id):
        return None
    return (
        f"{capa.reference} has no source. Link a finding (capaLinkFinding) or enter a "
        "sourceJustification."
    )


@guard("RCA_COMPLETED")
async def root_cause_is_determined(facts: GuardContext, capa: Capa) -> str | None:
    """A root cause analysis of this round is completed (ISO 9001:2015, 10.2.1 b)."""
    if capa.cause_known_reason:
        return None
    if (capa.round,) in await facts.load(analyzed_rounds, capa.id):
        return None
    return (
        f"{capa.reference} has no completed root cause analysis in round {capa.round}. Complete "
        "one (rootCauseAnalysisComplete), or enter in causeKnownReason why none is needed."
    )


@guard("ACTIONS_PLANNED")
async def has_planned_action(facts: GuardContext, capa: Capa) -> str | None:
    """An action is planned in this round.

    Neither the actions of earlier rounds count, nor follow-ups, which verify the work of others.
    """
    rows = [row for row in await facts.load(actions, capa.id) if not row.is_follow_up]
    if any(row.is_open or (capa.round == 1 and not row.is_cancelled) for row in rows):
        return None
    return (
        f"{capa.reference} has no planned action in round {capa.round}, follow-ups apart. Create "
        "one with an owner and a due date (actionCreate)."
    )


@guard("ACTIONS_DONE")
async def actions_are_done(facts: GuardContext, capa: Capa) -> str | Missing:
    """Each action is done, verified where that is required, or cancelled.

    At least one action was completed in this round, follow-ups apart.
    """
    rows = await facts.load(actions, capa.id)
    unfinished = [
        (message, ids.encode(row.prefix, row.id)) for row in rows if (message := _unfinished(row))
    ]
    if unfinished:
        return unfinished[:MOST_BLOCKERS]
    starts = [at for (at,) in await facts.load(round_starts, capa.id)]
    work = [row for row in rows if not (row.is_cancelled or row.is_follow_up)]
    ends = [row.completed_at for row in work]
    if any(end is not None and all(end >= start for start in starts) for end in ends):
        return []
    is_in_review = capa.status is CapaStatus.EFFECTIVENESS
    remedy = (
        "Record the round as ineffective (capaRecordIneffective)."
        if is_in_review
        else "Create an action (actionCreate) and have it completed."
    )
    return (
        f"{capa.reference} has no action that was completed in round {capa.round}, follow-ups "
        f"apart. {remedy}"
    )


def _unfinished(action: CapaAction) -> str | None:
    """Return the message about an action that is not finished; None if it is."""
    if action.is_open:
        return f"{action.reference} is not done. Complete or cancel it first."
    if action.is_unverified:
        return (
            f"{action.reference} is done, but not verified. Ask another person to verify it "
            "(actionVerify)."
        )
    return None


@guard("VERIFIER_DIFFERS", is_denial=True)
async def verifier_is_independent(facts: GuardContext, capa: Capa) -> Missing:
    """Segregation of duties: the verifier owns and completed no action of the CAPA."""
    rows = await facts.load(actions, capa.id)
    caller_id = facts.caller.user_id
    return [
        (
            f"Segregation of duties: you own or completed {row.reference}. Ask a person without "
            f"an action in {capa.reference} to confirm its implementation.",
            ids.encode(row.prefix, row.id),
        )
        for row in rows
        if caller_id in {row.owner_id, row.completed_by_id}
    ][:MOST_BLOCKERS]


@guard("EVIDENCE")
async def has_evidence(facts: GuardContext, capa: Capa) -> str | None:
    """Objective evidence shows the result of the corrective action (ISO 9001:2015, 10.2.2).

    What was collected in earlier rounds shows that of an earlier one.
    """
    if await facts.load(evidence, capa.id):
        return None
    return (
        f"{capa.reference} has no objective evidence of round {capa.round}. Collect evidence about "
        "the CAPA or one of its actions first (evidenceItemCreate)."
    )


@guard("ROOT_CAUSE_MARKED")
async def has_root_cause(facts: GuardContext, analysis: RootCauseAnalysis) -> str | None:
    """A cause of the analysis is marked as a root cause."""
    if await facts.load(analyses_with_root_cause, analysis.id):
        return None
    return (
        "No cause of this analysis is marked as a root cause. Set isRoot on at least one "
        "(causeNodeUpdate)."
    )

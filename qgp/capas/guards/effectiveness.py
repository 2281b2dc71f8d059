"""Guards of the effectiveness review of CAPAs, and of what rests on its result."""

from datetime import timedelta
from typing import Any

from qgp.capas.facts import actions, evidence, majors, owners_ever_unfiltered, recurrences
from qgp.capas.guards import MOST_BLOCKERS
from qgp.capas.model import Capa
from qgp.capas.model.terms import CapaPriority, CapaStatus, EffectivenessMetric
from qgp.kit import clock, ids
from qgp.kit.signing import Meaning
from qgp.kit.transitions import GuardContext, Missing, guard
from qgp.organizations.facts import organization_of_caller


@guard("EFFECTIVENESS_DEFINED")
async def window_is_long_enough(facts: GuardContext, capa: Capa) -> str | None:
    """The effectiveness window is at least the organization's shortest one for the priority."""
    shortest = shortest_window(await organization_of_caller(facts), capa.priority)
    if capa.window_days >= shortest:
        return None
    return (
        f"The effectiveness window of {capa.reference} is {capa.window_days} days, and with the "
        f"priority {capa.priority.value} it is at least {shortest} days. Raise windowDays "
        "(capaUpdate)."
    )


def shortest_window(organization: Any, priority: CapaPriority) -> int:
    """Return the setting of the shortest effectiveness window for a priority, in days."""
    days: int = getattr(organization, f"shortest_window_days_{priority.value.lower()}")
    return days


@guard("WINDOW_ELAPSED")
async def effectiveness_window_has_ended(facts: GuardContext, capa: Capa) -> str | None:
    """The effectiveness window has ended, or the shortest one with a waiver reason.

    The shortest one is that of the time when the window began: a setting that was lowered since
    allows no earlier waiver, and one that was raised since does not prolong a window that runs.
    """
    due, today = capa.effectiveness_due_on, clock.today(facts.caller.zone)
    if due is None or due <= today:
        return None
    shortest = capa.shortest_window_days or shortest_window(
        await organization_of_caller(facts), capa.priority
    )
    earliest = due - timedelta(days=max(capa.window_days - shortest, 0))
    if capa.waiver_reason and earliest <= today:
        return None
    waiver = f"enter a waiverReason from {earliest.isoformat()} on"
    return (
        f"The effectiveness window of {capa.reference} ends on {due.isoformat()}. Wait until then, "
        f"or {waiver}: no waiver shortens it below {shortest} days with the priority "
        f"{capa.priority.value}."
    )


@guard("EVIDENCE")
async def has_evidence_of_effect(facts: GuardContext, capa: Capa) -> str | None:
    """Objective evidence of the effect was collected since the implementation was confirmed."""
    since = capa.confirmed_at
    items = await facts.load(evidence, capa.id)
    if any(since is None or item.collected_at >= since for item in items):
        return None
    return (
        f"{capa.reference} has no evidence of its effectiveness. Collect evidence about the CAPA "
        "or one of its actions (evidenceItemCreate); what was collected before the implementation "
        "was confirmed does not count."
    )


@guard("NO_RECURRENCE")
async def problem_has_not_recurred(facts: GuardContext, capa: Capa) -> Missing:
    """The problem has not recurred, where that is the metric (ISO 9001:2015, 10.2.1 d)."""
    if capa.effectiveness_metric is not EffectivenessMetric.NO_RECURRENCE:
        return []
    rows = await facts.load(recurrences, capa.id)
    return [
        (
            f"{row.sentence(row.reference)} Record the round as ineffective "
            "(capaRecordIneffective).",
            ids.encode("fnd", row.id),
        )
        for row in rows[:MOST_BLOCKERS]
    ]


@guard("SIGNATURE")
async def major_source_requires_signature(facts: GuardContext, capa: Capa) -> str | None:
    """A CAPA with a MAJOR source finding is closed with an electronic signature (21 CFR 11.50)."""
    if not await facts.load(majors, capa.id):
        return None
    return Meaning.VERIFIED.required_of(facts)


@guard("VERIFIER_DIFFERS", is_denial=True)
async def reviewer_of_major_is_independent(facts: GuardContext, capa: Capa) -> Missing:
    """Segregation of duties: who reviews the CAPA of a MAJOR finding has no part in the CAPA.

    They never owned it, and neither own nor completed an action of it, follow-ups apart.
    """
    if not await facts.load(majors, capa.id):
        return []
    caller_id, parts = facts.caller.user_id, list[tuple[str, str]]()
    owners = await facts.load(owners_ever_unfiltered, capa.id)
    if caller_id == capa.owner_id or (caller_id,) in owners:
        parts.append((f"own or owned {capa.reference}", capa.public_id))
    for row in await facts.load(actions, capa.id):
        if caller_id in {row.owner_id, row.completed_by_id} and not row.is_follow_up:
            subject = ids.encode(row.prefix, row.id)
            parts.append((f"own or completed {row.reference}", subject))
    remedy = "A source finding is MAJOR: ask another person to review the effect (capaClose)."
    return [(f"Segregation of duties: you {part}. {remedy}", subject) for part, subject in parts][
        :MOST_BLOCKERS
    ]


@guard("OPEN_MAJOR_SOURCE")
async def no_major_rests_on_it(facts: GuardContext, capa: Capa) -> Missing:
    """No MAJOR source finding is open, or was closed while the effectiveness window runs."""
    is_in_review = capa.status is CapaStatus.EFFECTIVENESS
    open_ = "is a MAJOR source finding and still open. Close it, or unlink it (capaUnlinkFinding)."
    closed = "is a MAJOR source finding that was closed on this CAPA. Reopen it (findingReopen)."
    return [
        (f"{major.reference} {closed if major.is_closed else open_}", ids.encode("fnd", major.id))
        for major in await facts.load(majors, capa.id)
        if not major.has_ended or (major.is_closed and is_in_review)
    ][:MOST_BLOCKERS]

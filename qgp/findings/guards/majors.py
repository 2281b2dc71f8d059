"""Guards of MAJOR nonconformities: effective CAPAs, independent persons, two to decide."""

import asyncio

from qgp.evidence.facts import evidence_of_subject_unfiltered
from qgp.findings.facts import (
    action_owners,
    capa_owners,
    linked_capas,
    owners_ever_unfiltered,
)
from qgp.findings.facts.issue import takes_two_persons
from qgp.findings.model import Finding, FindingRequest
from qgp.kit import ids
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.signing import Meaning
from qgp.kit.transitions import Guard, GuardContext, Missing, guard
from qgp.organizations.facts import organization_of_caller


@guard("SIGNATURE")
async def closure_requires_signature(facts: GuardContext, finding: Finding) -> str | None:
    """A major nonconformity is closed with an electronic signature (21 CFR 11.50)."""
    if finding.grade is not FindingGrade.MAJOR:
        return None
    return Meaning.VERIFIED.required_of(facts)


@guard("SIGNATURE")
async def decision_requires_signature(facts: GuardContext, finding: Finding) -> str | None:
    """A finding that was issued as MAJOR is voided with an electronic signature (21 CFR 11.50)."""
    return Meaning.APPROVED.required_of(facts) if await takes_two_persons(facts, finding) else None


@guard("CAPA_LINKED")
async def has_capa(facts: GuardContext, finding: Finding) -> str | None:
    """A MAJOR nonconformity has a corrective CAPA that is not CANCELLED."""
    if finding.grade is not FindingGrade.MAJOR:
        return None
    rows = await facts.load(linked_capas, finding.id)
    if any(row.is_corrective and not row.is_cancelled for row in rows):
        return None
    return (
        f"{finding.reference} is a MAJOR nonconformity without a corrective CAPA. Create one "
        "(capaCreate), or link one whose plan is not released yet (capaLinkFinding)."
    )


@guard("CAPA_EFFECTIVE")
async def capas_are_effective(facts: GuardContext, finding: Finding) -> Missing:
    """Each CAPA of a MAJOR nonconformity is CLOSED as EFFECTIVE or PARTIAL, or CANCELLED.

    A corrective one is so since the nonconformity was last reopened. A setting of the organization
    allows EFFECTIVENESS.
    """
    if finding.grade is not FindingGrade.MAJOR:
        return []
    suffices = (await organization_of_caller(facts)).is_major_closable_in_effectiveness
    message = (
        "{} is not CLOSED as EFFECTIVE or PARTIAL, as each CAPA of a MAJOR nonconformity must be. "
        "Complete it, with its effectiveness review (capaClose)."
    )
    rows = [row for row in await facts.load(linked_capas, finding.id) if not row.is_cancelled]
    effective = [row for row in rows if row.is_effective or (suffices and row.is_in_review)]
    if len(effective) < len(rows):
        return [
            (message.format(row.reference), ids.encode(row.prefix, row.id))
            for row in rows
            if row not in effective
        ]
    corrective = [row for row in rows if row.is_corrective]
    if not corrective or any(row.is_renewed for row in corrective):
        return []
    message = (
        f"{finding.reference} was reopened, and no corrective CAPA of it was CLOSED as EFFECTIVE "
        "or PARTIAL since. Reopen one (capaReopen), or create another (capaCreate)."
    )
    return [(message, finding.public_id)]


@guard("VERIFIER_DIFFERS", is_denial=True)
async def verifier_never_owned(facts: GuardContext, finding: Finding) -> str | None:
    """Segregation of duties: the verifier of a nonconformity is no former owner of it."""
    is_owner = finding.owner_id == facts.caller.user_id
    if is_owner or not finding.is_nonconformity or not await has_owned(facts, finding):
        return None
    return (
        f"Segregation of duties: you owned {finding.reference}. Ask a person who never owned it to "
        "close it (findingClose)."
    )


@guard("VERIFIER_DIFFERS", is_denial=True)
async def verifier_is_independent(facts: GuardContext, finding: Finding) -> Missing:
    """Segregation of duties: the verifier of a MAJOR nonconformity has no part in it.

    They neither created it nor ever owned a CAPA or an action of it, completed none of its actions
    and added none of its evidence.
    """
    if finding.grade is not FindingGrade.MAJOR:
        return []
    caller_id, parts = facts.caller.user_id, list[tuple[str, str]]()
    if finding.created_by_id == caller_id:
        parts.append((f"created {finding.reference}", finding.public_id))
    owners, workers, items = await asyncio.gather(
        facts.load(capa_owners, finding.id),
        facts.load(action_owners, finding.id),
        facts.load(evidence_of_subject_unfiltered, finding.id),
    )
    for owner in owners:
        if owner.user_id == caller_id:
            subject = ids.encode(owner.prefix, owner.id)
            parts.append((f"own or owned {owner.reference}", subject))
    for action in workers:
        if action.user_id == caller_id:
            subject = ids.encode(action.prefix, action.id)
            parts.append((f"own, owned or completed {action.reference}", subject))
    for item in items:
        if item.collected_by_id == caller_id:
            parts.append((f"added {item.reference}", ids.encode(item.prefix, item.id)))
    remedy = "Ask a person without a part in the MAJOR nonconformity to close it (findingClose)."
    return [(f"Segregation of duties: you {part}. {remedy}", subject) for part, subject in parts]


def requested(change: FindingRequest, request: str, approval: str) -> Guard:
    """Declare the guard that a change of an issued MAJOR is requested.

    Args:
        change: its kind.
        request, approval: the mutations of the two persons.
    """

    @guard("REQUESTED")
    async def is_requested(facts: GuardContext, finding: Finding) -> str | None:
        """The change of a finding issued as MAJOR is requested, and so takes two persons."""
        if finding.requested_change is change or not await takes_two_persons(facts, finding):
            return None
        return (
            f"{finding.reference} was issued as a MAJOR nonconformity, so two persons decide on "
            "this. "
            f"Request it ({request}); another person approves it with a signature ({approval})."
        )

    return is_requested


def independent(change: FindingRequest) -> Guard:
    """Declare the guard that another person than the one who requested a change approves it."""

    @guard("APPROVER_DIFFERS", is_denial=True)
    async def is_independent(facts: GuardContext, finding: Finding) -> Missing:
        """Segregation of duties: the approver of a requested change did not request it.

        The owner of the finding does not approve it either, nor a former one.
        """
        is_requested = finding.requested_change is change
        if not is_requested and not await takes_two_persons(facts, finding):
            return []
        caller_id, parts = facts.caller.user_id, list[str]()
        if finding.requested_by_id == caller_id:
            parts.append("requested this")
        if finding.owner_id == caller_id or await has_owned(facts, finding):
            parts.append(f"own or owned {finding.reference}")
        remedy = "Ask another person to approve it."
        return [
            (f"Segregation of duties: you {part}. {remedy}", finding.public_id) for part in parts
        ]

    return is_independent


async def has_owned(facts: GuardContext, finding: Finding) -> bool:
    """Return whether the caller owned a finding before this operation."""
    return (facts.caller.user_id,) in await facts.load(owners_ever_unfiltered, finding.id)


VOID_IS_REQUESTED = requested(FindingRequest.VOID, "findingRequestVoid", "findingVoid")
CONCESSION_IS_REQUESTED = requested(
    FindingRequest.CONCESSION, "findingRequestConcession", "findingGrantConcession"
)
REGRADE_IS_REQUESTED = requested(
    FindingRequest.REGRADE, "findingRequestRegrade", "findingApproveRegrade"
)
VOID_APPROVER, CONCESSION_APPROVER, REGRADE_APPROVER = [
    independent(change)
    for change in (FindingRequest.VOID, FindingRequest.CONCESSION, FindingRequest.REGRADE)
]

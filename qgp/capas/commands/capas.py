"""Commands that create and change CAPAs and link their source findings (ISO 9001:2015, 10.2.1)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.capas.facts import sources
from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import CapaStatus
from qgp.capas.policy import URGENT
from qgp.findings.facts import require_not_void
from qgp.kit.errors import (
    Forbidden,
    Invalid,
    NotFound,
    Required,
    require_at_most,
)
from qgp.kit.names import to_camel
from qgp.kit.policy import QUALITY
from qgp.kit.work import Work
from qgp.users.facts import fit_to_work

MOST_SOURCES = 50
_TOO_MANY = f"A CAPA has at most {MOST_SOURCES} source findings. Leave some out."
_UNPLANNED = frozenset({CapaStatus.DRAFT, CapaStatus.OPEN, CapaStatus.ANALYSIS, CapaStatus.PLANNED})
# The statuses in which a field changes: what a guard checked is fixed from then on.
_CHANGEABLE = {
    "cause_known_reason": _UNPLANNED - {CapaStatus.PLANNED},
    "effectiveness_criteria": _UNPLANNED,
    "effectiveness_metric": _UNPLANNED,
    "window_days": _UNPLANNED,
    "is_risk_review_required": _UNPLANNED,
    "risk_review_note": _UNPLANNED,
    **dict.fromkeys(
        (
            "is_document_change_required",
            "document_change_note",
            "is_training_required",
            "training_note",
        ),
        _UNPLANNED | {CapaStatus.IMPLEMENTING},
    ),
}


async def create(work: Work, *, finding_ids: Sequence[UUID], **values: Any) -> Capa:
    """Create a CAPA as DRAFT; with a supplier's name its reference begins with SCAR-.

    Raises:
        Invalid: an effectiveness window outside 1 to 730 days, a finding twice, more than 50 or a
            VOID one, or an inactive owner.
        NotFound: it refers to a record that is hidden from the caller.
    """
    if len(set(finding_ids)) < len(finding_ids):
        raise Invalid("A source finding is listed twice. List each once.", "findingIds")
    require_at_most(MOST_SOURCES, len(finding_ids), _TOO_MANY, "findingIds")
    if values.get("owner_id") is not None:
        await fit_to_work(work, values["owner_id"])
    for id in sorted(finding_ids):
        await require_not_void(work, id, "findingIds")
    capa = await work.add(
        Capa(
            status=CapaStatus.DRAFT,
            original_due_on=values["due_on"],
            **values,
        )
    )
    if finding_ids:
        await work.add(*[CapaFinding(capa_id=capa.id, finding_id=id) for id in finding_ids])
    return capa


async def change(
    work: Work, *, id: UUID, expected_version: int, reason: str | None = None, **changes: Any
) -> Capa:
    """Change the fields of a CAPA that its status leaves changeable.

    Args:
        work: the unit of work.
        id: the CAPA.
        expected_version: as the caller read it.
        reason: required where the due date of an issued CAPA changes.
        changes: columns and their new values.

    Raises:
        Invalid: it has ended; the due date changes without a reason; a field is fixed in this
            status; an issued CAPA would lose its owner or its last source; the owner is inactive.
        Forbidden: the priority HIGH or CRITICAL is lowered by a role outside quality.
        NotFound: it refers to a record that is hidden from the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    changes = {name: value for name, value in changes.items() if value != getattr(capa, name)}
    if changes.get("owner_id") is not None:
        await fit_to_work(work, changes["owner_id"])
    _keep_fixed_fields(capa, changes)
    if capa.status is not CapaStatus.DRAFT:
        await _keep_source(work, capa, changes)
        _keep_priority(work, capa, changes)
        changes |= _extension(capa, changes, reason)
    work.set_reason(reason)
    return await work.change(capa, changes)


async def link_finding(work: Work, *, id: UUID, expected_version: int, finding_id: UUID) -> Capa:
    """Link a source finding to a CAPA.

    Raises:
        Invalid: the CAPA has ended, the finding is VOID, or there would be more than 50 sources.
        AlreadyExists: it is linked already.
        NotFound: one of them is not visible to the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    await require_not_void(work, finding_id, "findingId")
    linked: list[Any] = await work.load(sources, id)
    require_at_most(MOST_SOURCES, len(linked) + 1, _TOO_MANY, "findingId")
    await work.add(CapaFinding(capa_id=id, finding_id=finding_id))
    return await work.touch(capa)


async def unlink_finding(work: Work, *, id: UUID, expected_version: int, finding_id: UUID) -> Capa:
    """Unlink a source finding from a CAPA.

    Raises:
        Invalid: the CAPA has ended, or was issued and would lose its last source.
        NotFound: the finding is not linked, or the CAPA not visible to the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    of_both = (CapaFinding.capa_id == id, CapaFinding.finding_id == finding_id)
    link = next(iter(await work.rows(sa.select(CapaFinding).where(*of_both))), None)
    if link is None:
        raise NotFound(f"No Finding with this id is linked to {capa.reference}.", "findingId")
    linked: list[Any] = await work.load(sources, id)
    if len(linked) == 1 and capa.status is not CapaStatus.DRAFT and not capa.source_justification:
        message = (
            f"This is the last source finding of {capa.reference}, and an issued CAPA requires a "
            "source. Link another finding or enter a sourceJustification first."
        )
        raise Invalid(message, "findingId")
    await work.remove(link)
    return await work.touch(capa)


def _keep_fixed_fields(capa: Capa, changes: dict[str, Any]) -> None:
    """Refuse changes of fields that the status has fixed."""
    for name, states in _CHANGEABLE.items():
        if name in changes and capa.status not in states:
            field = to_camel(name)
            message = (
                f"{capa.reference} is {capa.status.value}. {field} changes only in "
                f"{', '.join(status.value for status in CapaStatus if status in states)}. Leave it "
                "out."
            )
            raise Invalid(message, field)


async def _keep_source(work: Work, capa: Capa, changes: dict[str, Any]) -> None:
    """Refuse to clear the justification of an issued CAPA without a source finding."""
    is_cleared = "source_justification" in changes and not changes["source_justification"]
    if is_cleared and not await work.load(sources, capa.id):
        message = (
            f"{capa.reference} has no source finding, so it requires a sourceJustification. Link a "
            "finding first (capaLinkFinding)."
        )
        raise Required(message, "sourceJustification")


def _keep_priority(work: Work, capa: Capa, changes: dict[str, Any]) -> None:
    """Refuse to lower the priority of an urgent CAPA outside quality."""
    is_lowered = "priority" in changes and changes["priority"] not in URGENT
    if is_lowered and capa.priority in URGENT and work.caller.role not in QUALITY:
        message = (
            f"The priority of {capa.reference} is {capa.priority.value}, which only quality lowers "
            "to LOW or MEDIUM. Ask a quality manager."
        )
        raise Forbidden(message, "priority")


def _extension(capa: Capa, changes: dict[str, Any], reason: str | None) -> dict[str, Any]:
    """Return the columns that count a postponement of the due date, which requires a reason."""
    due = changes.get("due_on")
    if due is None:
        return {}
    if reason is None:
        message = (
            f"dueOn of {capa.reference}, an issued CAPA, changes with a reason only. Enter one."
        )
        raise Required(message, "reason")
    return {"extension_count": capa.extension_count + 1} if due > capa.due_on else {}

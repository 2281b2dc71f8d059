"""Commands that create and change CAPAs (ISO 9001:2015, 10.2.1)."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from qgp.capas.commands.sources import MOST_SOURCES, TOO_MANY
from qgp.capas.facts import actions, sources
from qgp.capas.guards.effectiveness import shortest_window
from qgp.capas.model import MOST_WINDOW_DAYS, Capa, CapaFinding
from qgp.capas.model.terms import CapaPriority, CapaStatus
from qgp.capas.policy import URGENT
from qgp.findings.facts import require_not_void
from qgp.kit.due_dates import require_not_past
from qgp.kit.errors import (
    Forbidden,
    Invalid,
    OutOfRange,
    Required,
    between,
    require_at_most,
)
from qgp.kit.names import to_camel
from qgp.kit.policy import QUALITY
from qgp.kit.work import Work
from qgp.organizations.facts import organization_of_caller

_UNPLANNED = frozenset({CapaStatus.DRAFT, CapaStatus.OPEN, CapaStatus.ANALYSIS, CapaStatus.PLANNED})
# The statuses in which a field changes: what a guard checked is fixed from then on.
_CHANGEABLE = {
    "priority": _UNPLANNED,
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
        Invalid: a due date in the past, an effectiveness window outside the range for the
            priority, a finding twice, more than 50 or a VOID one, or an inactive owner.
        NotFound: it refers to a record that is hidden from the caller.
    """
    if len(set(finding_ids)) < len(finding_ids):
        raise Invalid("A source finding is listed twice. List each once.", "findingIds")
    require_at_most(MOST_SOURCES, len(finding_ids), TOO_MANY, "findingIds")
    require_not_past(work, values["due_on"], "dueOn")
    await _require_window(work, values["priority"], values["window_days"], "windowDays")
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
        Invalid: it has ended; the due date changes without a reason, to the past or to a day before
            that of an open action; the effectiveness window is outside the range for the priority;
            a field is fixed in this status; an issued CAPA would lose its owner or its last source;
            the owner is inactive.
        Forbidden: the priority HIGH or CRITICAL is lowered by a role outside quality.
        NotFound: it refers to a record that is hidden from the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    changes = {name: value for name, value in changes.items() if value != getattr(capa, name)}
    _keep_fixed_fields(capa, changes)
    await _keep_terms(work, capa, changes)
    if capa.status is not CapaStatus.DRAFT:
        await _keep_source(work, capa, changes)
        _keep_priority(work, capa, changes)
        changes |= _extension(capa, changes, reason)
    work.set_reason(reason)
    return await work.change(capa, changes)


async def assign(
    work: Work, *, id: UUID, expected_version: int, owner_id: UUID, reason: str | None = None
) -> Capa:
    """Assign a CAPA to another owner.

    Raises:
        Invalid, NotFound: see `change`; or the user owns it already.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    if capa.owner_id == owner_id:
        message = f"The user owns {capa.reference} already. Choose another owner."
        raise Invalid(message, "ownerId")
    work.set_reason(reason)
    return await work.change(capa, {"owner_id": owner_id})


async def _keep_terms(work: Work, capa: Capa, changes: dict[str, Any]) -> None:
    """Check a changed due date against today and the actions, and the window by the priority."""
    if "due_on" in changes:
        require_not_past(work, changes["due_on"], "dueOn")
        await _keep_actions(work, capa, changes["due_on"])
    if {"priority", "window_days"} & changes.keys():
        priority = changes.get("priority", capa.priority)
        days = changes.get("window_days", capa.window_days)
        path = "windowDays" if "window_days" in changes else "priority"
        await _require_window(work, priority, days, path)


async def _keep_actions(work: Work, capa: Capa, due_on: date) -> None:
    """Refuse a due date before that of an open action, which is due after its CAPA then."""
    open_actions = [row for row in await work.load(actions, capa.id) if row.is_open]
    last = max(open_actions, key=lambda row: row.due_on, default=None)
    if last is not None and last.due_on > due_on:
        message = (
            f"{due_on.isoformat()} is before the due date of {last.reference}, an open action of "
            f"{capa.reference}: {last.due_on.isoformat()}. Choose that day or a later one, or "
            "reschedule the action first (actionReschedule)."
        )
        raise OutOfRange(message, "dueOn", constraint=between(last.due_on, None))


async def _require_window(work: Work, priority: CapaPriority, days: int, path: str) -> None:
    """Refuse an effectiveness window below the organization's shortest one for the priority."""
    shortest = shortest_window(await organization_of_caller(work), priority)
    if days < shortest:
        message = (
            f"The effectiveness window of a CAPA with the priority {priority.value} is at least "
            f"{shortest} days, and {days} are too few. Choose {shortest} days or more."
        )
        raise OutOfRange(message, path, constraint=between(shortest, MOST_WINDOW_DAYS))


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

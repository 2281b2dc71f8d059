"""Commands on CAPAs: what they say, and which findings are behind them (ISO 9001:2015, 10.2.1)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.capas.facts import sources
from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import ENDED, CapaStatus
from qgp.capas.policy import READ, URGENT
from qgp.findings.facts import require_standing
from qgp.kit import clock
from qgp.kit.errors import (
    Forbidden,
    Invalid,
    NotFound,
    OutOfRange,
    Required,
    TooLong,
    between,
    max_items,
)
from qgp.kit.names import to_camel
from qgp.kit.policy import QUALITY
from qgp.kit.work import Work
from qgp.users.facts import fit_to_work

MOST_SOURCES = 50
LONGEST_WINDOW_DAYS = 730
_UNPLANNED = frozenset({CapaStatus.DRAFT, CapaStatus.OPEN, CapaStatus.ANALYSIS, CapaStatus.PLANNED})
# What a guard has looked at stays as it was seen.
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


async def create(
    work: Work, *, finding_ids: Sequence[UUID], window_days: int, **values: Any
) -> Capa:
    """Write a CAPA down, as a draft; with a supplier's name it is numbered as a SCAR.

    Raises:
        Invalid: a window outside 1 to 730 days, a finding twice, more than 50, a void one, or an
            owner who cannot work on it.
        NotFound: it points at something that the caller cannot see.
    """
    _is_window(window_days)
    if len(set(finding_ids)) < len(finding_ids):
        raise Invalid("Name each finding once.", "findingIds")
    if len(finding_ids) > MOST_SOURCES:
        raise TooLong(
            f"A CAPA has at most {MOST_SOURCES} sources.",
            "findingIds",
            constraint=max_items(MOST_SOURCES),
        )
    if values.get("owner_id") is not None:
        await fit_to_work(work, values["owner_id"])
    for id in sorted(finding_ids):
        await require_standing(work, id, "findingIds")
    capa = await work.add(
        Capa(
            status=CapaStatus.DRAFT,
            original_due_on=values["due_on"],
            window_days=window_days,
            **values,
        )
    )
    if finding_ids:
        await work.add(*[CapaFinding(capa_id=capa.id, finding_id=id) for id in finding_ids])
    return capa


async def change(
    work: Work, *, id: UUID, expected_version: int, reason: str | None = None, **changes: Any
) -> Capa:
    """Change what a CAPA says, as far as its state leaves it open.

    Args:
        work: the unit of work.
        id: the CAPA.
        expected_version: as the caller read it.
        reason: why; asked for where the due day of an issued CAPA moves.
        changes: columns and their new values.

    Raises:
        Invalid: it has ended; a due day moves without a reason; the state is past what is
            changed; an issued CAPA would lose its owner or whatever is behind it; its owner
            could not work on it.
        Forbidden: a high priority is lowered by somebody outside quality.
        NotFound: it points at something that the caller cannot see.
    """
    capa = await seen(work, id, expected_version=expected_version)
    going_on(capa)
    changes = {name: value for name, value in changes.items() if value != getattr(capa, name)}
    if changes.get("owner_id") is not None:
        await fit_to_work(work, changes["owner_id"])
    if "window_days" in changes:
        _is_window(changes["window_days"])
    _keep_what_was_seen(capa, changes)
    if capa.status is not CapaStatus.DRAFT:
        await _keep_what_was_issued(work, capa, changes)
        changes |= _put_off(capa, changes, reason)
    work.explain(reason)
    return await work.change(capa, changes)


async def link_finding(work: Work, *, id: UUID, expected_version: int, finding_id: UUID) -> Capa:
    """Say that a finding is behind a CAPA.

    Raises:
        Invalid: the CAPA has ended, the finding is void, or there would be more than 50.
        AlreadyExists: it is linked already.
        NotFound: one of them is not visible to the caller.
    """
    capa = await seen(work, id, expected_version=expected_version)
    going_on(capa)
    await require_standing(work, finding_id, "findingId")
    linked: list[Any] = await work.load(sources, id)
    if len(linked) >= MOST_SOURCES:
        raise TooLong(
            f"A CAPA has at most {MOST_SOURCES} sources.",
            "findingId",
            constraint=max_items(MOST_SOURCES),
        )
    await work.add(CapaFinding(capa_id=id, finding_id=finding_id))
    return await _counted(work, capa)


async def unlink_finding(work: Work, *, id: UUID, expected_version: int, finding_id: UUID) -> Capa:
    """Say that a finding is not behind a CAPA; the trail keeps that it was.

    Raises:
        Invalid: the CAPA has ended, or was issued and would have nothing behind it.
        NotFound: the finding is not linked, or the CAPA not visible to the caller.
    """
    capa = await seen(work, id, expected_version=expected_version)
    going_on(capa)
    of_both = (CapaFinding.capa_id == id, CapaFinding.finding_id == finding_id)
    link = next(iter(await work.rows(sa.select(CapaFinding).where(*of_both))), None)
    if link is None:
        raise NotFound("No Finding with this id is linked to the CAPA.", "findingId")
    linked: list[Any] = await work.load(sources, id)
    if len(linked) == 1 and capa.status is not CapaStatus.DRAFT and not capa.source_justification:
        told = "This is the last source. Link another one, or write a sourceJustification, first."
        raise Invalid(told, "findingId")
    await work.remove(link)
    return await _counted(work, capa)


async def seen(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> Capa:
    """Return a CAPA that the caller may see, locked; `path` locates its id.

    Raises:
        NotFound: there is none, or it is hidden from the caller.
        StaleVersion: it has another version than the caller expected.
    """
    return await work.get(Capa, id, expected_version=expected_version, path=path, read=READ)


def going_on(capa: Capa, path: str = "id") -> None:
    """Raise Invalid where the CAPA has ended."""
    if capa.status in ENDED:
        told = f"This CAPA is {capa.status.value} and takes no changes."
        raise Invalid(told, path)


async def _counted(work: Work, capa: Capa) -> Capa:
    """Let the version count a change of the links too."""
    return await work.change(capa, {"updated_at": clock.now()})


def _is_window(days: int) -> None:
    if not 1 <= days <= LONGEST_WINDOW_DAYS:
        told = f"The window of effectiveness is 1 to {LONGEST_WINDOW_DAYS} days."
        raise OutOfRange(told, "windowDays", constraint=between(1, LONGEST_WINDOW_DAYS))


def _keep_what_was_seen(capa: Capa, changes: dict[str, Any]) -> None:
    for name, states in _CHANGEABLE.items():
        if name in changes and capa.status not in states:
            told = f"This CAPA is {capa.status.value}, for which this is settled; it stays."
            raise Invalid(told, to_camel(name))


async def _keep_what_was_issued(work: Work, capa: Capa, changes: dict[str, Any]) -> None:
    if "owner_id" in changes and changes["owner_id"] is None:
        raise Required("A CAPA that was opened keeps an owner. Name another one.", "ownerId")
    is_bared = "source_justification" in changes and not changes["source_justification"]
    if is_bared and not await work.load(sources, capa.id):
        told = "Nothing else is behind this CAPA. Link a finding first."
        raise Required(told, "sourceJustification")
    lowered = "priority" in changes and changes["priority"] not in URGENT
    if lowered and capa.priority in URGENT and work.caller.role not in QUALITY:
        raise Forbidden("Only quality lowers this priority. Ask a quality manager.", "priority")


def _put_off(capa: Capa, changes: dict[str, Any], reason: str | None) -> dict[str, Any]:
    due = changes.get("due_on")
    if due is None:
        return {}
    if reason is None:
        raise Required("Say why the due day moves; the first one stays on record.", "reason")
    return {"extension_count": capa.extension_count + 1} if due > capa.due_on else {}

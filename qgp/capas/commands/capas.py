"""Commands on CAPAs: what they say, and which findings are behind them (ISO 9001:2015, 10.2.1)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.capas.facts import sources
from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import CapaStatus
from qgp.capas.policy import URGENT
from qgp.findings.facts import require_standing
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
_MANY = f"A CAPA has at most {MOST_SOURCES} sources."
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


async def create(work: Work, *, finding_ids: Sequence[UUID], **values: Any) -> Capa:
    """Write a CAPA down, as a draft; with a supplier's name it is numbered as a SCAR.

    Raises:
        Invalid: a window outside 1 to 730 days, a finding twice, more than 50, a void one, or an
            owner who cannot work on it.
        NotFound: it points at something that the caller cannot see.
    """
    if len(set(finding_ids)) < len(finding_ids):
        raise Invalid("Name each finding once.", "findingIds")
    require_at_most(MOST_SOURCES, len(finding_ids), _MANY, "findingIds")
    if values.get("owner_id") is not None:
        await fit_to_work(work, values["owner_id"])
    for id in sorted(finding_ids):
        await require_standing(work, id, "findingIds")
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
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    changes = {name: value for name, value in changes.items() if value != getattr(capa, name)}
    if changes.get("owner_id") is not None:
        await fit_to_work(work, changes["owner_id"])
    _keep_what_was_seen(capa, changes)
    if capa.status is not CapaStatus.DRAFT:
        await _keep_what_was_issued(work, capa, changes)
        changes |= _put_off(capa, changes, reason)
    work.set_reason(reason)
    return await work.change(capa, changes)


async def link_finding(work: Work, *, id: UUID, expected_version: int, finding_id: UUID) -> Capa:
    """Say that a finding is behind a CAPA.

    Raises:
        Invalid: the CAPA has ended, the finding is void, or there would be more than 50.
        AlreadyExists: it is linked already.
        NotFound: one of them is not visible to the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    await require_standing(work, finding_id, "findingId")
    linked: list[Any] = await work.load(sources, id)
    require_at_most(MOST_SOURCES, len(linked) + 1, _MANY, "findingId")
    await work.add(CapaFinding(capa_id=id, finding_id=finding_id))
    return await work.touch(capa)


async def unlink_finding(work: Work, *, id: UUID, expected_version: int, finding_id: UUID) -> Capa:
    """Say that a finding is not behind a CAPA; the trail keeps that it was.

    Raises:
        Invalid: the CAPA has ended, or was issued and would have nothing behind it.
        NotFound: the finding is not linked, or the CAPA not visible to the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    of_both = (CapaFinding.capa_id == id, CapaFinding.finding_id == finding_id)
    link = next(iter(await work.rows(sa.select(CapaFinding).where(*of_both))), None)
    if link is None:
        raise NotFound("No Finding with this id is linked to the CAPA.", "findingId")
    linked: list[Any] = await work.load(sources, id)
    if len(linked) == 1 and capa.status is not CapaStatus.DRAFT and not capa.source_justification:
        told = "This is the last source. Link another one, or write a sourceJustification, first."
        raise Invalid(told, "findingId")
    await work.remove(link)
    return await work.touch(capa)


def _keep_what_was_seen(capa: Capa, changes: dict[str, Any]) -> None:
    for name, states in _CHANGEABLE.items():
        if name in changes and capa.status not in states:
            told = f"This CAPA is {capa.status.value}, for which this is settled; it stays."
            raise Invalid(told, to_camel(name))


async def _keep_what_was_issued(work: Work, capa: Capa, changes: dict[str, Any]) -> None:
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

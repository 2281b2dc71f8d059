"""Commands that link source findings to CAPAs, and unlink them."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.capas.facts import sources
from qgp.capas.model import Capa, CapaFinding
from qgp.capas.model.terms import CapaStatus
from qgp.findings.facts import require_not_void, source_unfiltered
from qgp.kit.errors import Forbidden, Invalid, NotFound, Required, require_at_most
from qgp.kit.policy import QUALITY
from qgp.kit.work import Work

MOST_SOURCES = 50
TOO_MANY = f"A CAPA has at most {MOST_SOURCES} source findings. Leave some out."
_IMPLEMENTED = frozenset({CapaStatus.VERIFICATION, CapaStatus.EFFECTIVENESS})


async def link_finding(work: Work, *, id: UUID, expected_version: int, finding_id: UUID) -> Capa:
    """Link a source finding to a CAPA whose implementation is not submitted for verification.

    Raises:
        Invalid: the CAPA has ended or was submitted for verification, the finding is VOID, or a
            MAJOR and the plan released without it, or there would be more than 50 sources.
        AlreadyExists: it is linked already.
        NotFound: one of them is not visible to the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    if capa.status in _IMPLEMENTED:
        message = (
            f"{capa.reference} is {capa.status.value}: its actions were completed for other source "
            "findings. Create a CAPA for this finding (capaCreate)."
        )
        raise Invalid(message, "id")
    await require_not_void(work, finding_id, "findingId")
    await _require_plan(work, capa, finding_id)
    linked: list[Any] = await work.load(sources, id)
    require_at_most(MOST_SOURCES, len(linked) + 1, TOO_MANY, "findingId")
    await work.add(CapaFinding(capa_id=id, finding_id=finding_id))
    return await work.touch(capa)


async def _require_plan(work: Work, capa: Capa, finding_id: UUID) -> None:
    """Refuse a MAJOR where the plan was released for other source findings."""
    if capa.status is not CapaStatus.IMPLEMENTING:
        return
    finding = await source_unfiltered(work, finding_id)
    if finding.is_major:
        message = (
            f"The plan of {capa.reference} was released without {finding.reference}, a MAJOR "
            "nonconformity, and it is IMPLEMENTING. A MAJOR is linked before the plan is released; "
            "create a CAPA for it (capaCreate)."
        )
        raise Invalid(message, "findingId")


async def unlink_finding(
    work: Work, *, id: UUID, expected_version: int, finding_id: UUID, reason: str | None = None
) -> Capa:
    """Unlink a source finding from a CAPA.

    Args:
        work: the unit of work.
        id: the CAPA.
        expected_version: of the CAPA, as the caller read it.
        finding_id: the finding.
        reason: required where an issued MAJOR is unlinked from an issued CAPA.

    Raises:
        Invalid: the CAPA has ended, or was issued and would lose its last source; the finding was
            closed on it, or is an issued MAJOR, and there is no reason.
        Forbidden: the finding is an issued MAJOR, and the caller is not in quality, or owns the
            finding or the CAPA.
        NotFound: the finding is not linked, or the CAPA not visible to the caller.
    """
    capa = await work.get_open(Capa, id, expected_version=expected_version)
    of_both = (CapaFinding.capa_id == id, CapaFinding.finding_id == finding_id)
    link = next(iter(await work.rows(sa.select(CapaFinding).where(*of_both))), None)
    if link is None:
        raise NotFound(f"No Finding with this id is linked to {capa.reference}.", "findingId")
    if capa.status is not CapaStatus.DRAFT:
        await _keep_source(work, capa)
        await _keep_grounds(work, capa, finding_id, reason)
    work.set_reason(reason)
    await work.remove(link)
    return await work.touch(capa)


async def _keep_source(work: Work, capa: Capa) -> None:
    """Refuse to unlink the last source of a CAPA without a justification."""
    linked: list[Any] = await work.load(sources, capa.id)
    if len(linked) == 1 and not capa.source_justification:
        message = (
            f"This is the last source finding of {capa.reference}, and an issued CAPA requires a "
            "source. Link another finding or enter a sourceJustification first."
        )
        raise Invalid(message, "findingId")


async def _keep_grounds(work: Work, capa: Capa, finding_id: UUID, reason: str | None) -> None:
    """Refuse to unlink a finding that was closed on the CAPA, or is a MAJOR of the caller's own."""
    finding = await source_unfiltered(work, finding_id)
    if finding.is_closed and finding.is_nonconformity:
        message = (
            f"{finding.reference} is CLOSED, and a closed nonconformity keeps its CAPAs. Reopen it "
            "first (findingReopen)."
        )
        raise Invalid(message, "findingId")
    if not finding.is_issued_major or finding.is_void:
        return
    is_owner = work.caller.user_id in {finding.owner_id, capa.owner_id}
    if is_owner or work.caller.role not in QUALITY:
        message = (
            f"{finding.reference} is an issued MAJOR nonconformity. Only quality unlinks it from "
            "an issued CAPA, and not the owner of either. Ask a quality manager."
        )
        raise Forbidden(message, "findingId")
    if reason is None:
        message = (
            f"{finding.reference} is an issued MAJOR nonconformity, which is unlinked from an "
            "issued CAPA with a reason. Enter one."
        )
        raise Required(message, "reason")

"""What actions follow from, and when it takes none."""

from uuid import UUID

from qgp.capas.model import Capa
from qgp.capas.terms import CapaStatus
from qgp.findings.model import Finding
from qgp.findings.terms import FindingStatus
from qgp.kit.errors import Invalid
from qgp.kit.work import Work

# What is in verification was said to be done: whatever is missing sends it back. A CAPA has no
# step back from there; it takes what is missing, which its next step waits for.
_FINDINGS = {
    FindingStatus.VERIFICATION: "Send it back first (findingReject).",
    FindingStatus.CLOSED: "Reopen it first (findingReopen).",
    FindingStatus.ACCEPTED: "Take back its concession first (findingRevoke).",
    FindingStatus.VOID: "Choose a finding that stands.",
}
_CAPAS = {
    CapaStatus.EFFECTIVENESS: "Say first that this round was ineffective (capaFail).",
    CapaStatus.CLOSED: "Reopen it first (capaReopen).",
    CapaStatus.CANCELLED: "Choose a CAPA that goes on.",
}


async def takes_actions(work: Work, finding_id: UUID | None, capa_id: UUID | None) -> None:
    """Lock what an action is to follow from, so that it does not end meanwhile.

    Raises:
        Invalid: it takes no actions in its state.
        NotFound: there is none in this organization.
    """
    if finding_id is not None:
        finding = await work.get(Finding, finding_id, path="findingId")
        _is_going_on(finding, _FINDINGS.get(finding.status), "findingId")
    if capa_id is not None:
        capa = await work.get(Capa, capa_id, path="capaId")
        _is_going_on(capa, _CAPAS.get(capa.status), "capaId")


def _is_going_on(row: Finding | Capa, way: str | None, path: str) -> None:
    if way is not None:
        told = f"{row.reference} is {row.status.value} and takes no actions. {way}"
        raise Invalid(told, path)

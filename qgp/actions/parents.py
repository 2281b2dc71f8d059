"""What actions follow from, and when it takes none."""

from collections.abc import Mapping
from typing import Any

from qgp.audits import policy as audits
from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.capas import policy as capas
from qgp.capas.model import Capa
from qgp.capas.terms import CapaStatus
from qgp.findings import policy as findings
from qgp.findings.model import Finding
from qgp.findings.terms import FindingStatus
from qgp.kit.errors import Invalid
from qgp.kit.names import to_camel
from qgp.kit.policy import Permission
from qgp.kit.work import Work

# By column: the kind of record, who sees it, and in which states it takes none, with the way out.
# What is in verification was said to be done: whatever is missing sends it back. A CAPA has no
# step back from there; it takes what is missing, which its next step waits for.
_PARENTS: Mapping[str, tuple[type[Any], Permission, Mapping[Any, str]]] = {
    "finding_id": (
        Finding,
        findings.READ,
        {
            FindingStatus.VERIFICATION: "Send it back first (findingReject).",
            FindingStatus.CLOSED: "Reopen it first (findingReopen).",
            FindingStatus.ACCEPTED: "Take back its concession first (findingRevoke).",
            FindingStatus.VOID: "Choose a finding that stands.",
        },
    ),
    "capa_id": (
        Capa,
        capas.READ,
        {
            CapaStatus.EFFECTIVENESS: "Say first that this round was ineffective (capaFail).",
            CapaStatus.CLOSED: "Reopen it first (capaReopen).",
            CapaStatus.CANCELLED: "Choose a CAPA that goes on.",
        },
    ),
    "audit_id": (
        Audit,
        audits.READ,
        {
            AuditStatus.CLOSED: "Choose an audit that goes on, or one of its findings.",
            AuditStatus.CANCELLED: "Choose an audit that goes on.",
        },
    ),
}


async def take_actions(work: Work, values: Mapping[str, Any]) -> None:
    """Lock what an action is to follow from, so that it does not end meanwhile.

    Args:
        values: the action's, of which this looks at `finding_id`, `capa_id` and `audit_id`.

    Raises:
        Invalid: it takes no actions in its state.
        NotFound: none is visible to the caller.
    """
    for column, (kind, read, ends) in _PARENTS.items():
        id, path = values.get(column), to_camel(column)
        if id is not None:
            row = await work.get(kind, id, path=path, read=read)
            if row.status in ends:
                told = f"{row.reference} is {row.status.value} and takes no actions."
                raise Invalid(f"{told} {ends[row.status]}", path)

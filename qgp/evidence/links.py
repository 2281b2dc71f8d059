"""Commands on what evidence says about clauses."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.evidence.model import EvidenceItem, EvidenceLink, EvidenceLinkStatus
from qgp.evidence.policy import READ
from qgp.kit.errors import Invalid, NotFound
from qgp.kit.work import Work
from qgp.standards.model import Clause


async def create(work: Work, *, evidence_id: UUID, clause_id: UUID, **values: Any) -> EvidenceLink:
    """Say that evidence speaks for or against a clause.

    Raises:
        NotFound: the caller does not see the evidence, or there is no such clause.
        Invalid: the evidence or the clause is withdrawn, or strength is beyond 1 to 3.
        AlreadyExists: it is linked to the clause already.
    """
    item = await work.get(EvidenceItem, evidence_id, path="evidenceId", read=READ)
    if item.withdrawn_at is not None:
        raise Invalid("This evidence is withdrawn. Choose other evidence.", "evidenceId")
    asked: Any = sa.select(Clause.id, Clause.withdrawn_at).where(Clause.id == clause_id)
    found = await work.tuples(asked)
    if not found:
        raise NotFound("No Clause with this id is visible to you.", "clauseId")
    if found[0].withdrawn_at is not None:
        raise Invalid("This clause is withdrawn. Choose one that is in use.", "clauseId")
    ends = {"evidence_id": evidence_id, "clause_id": clause_id}
    return await work.add(EvidenceLink(status=EvidenceLinkStatus.PROPOSED, **ends, **values))

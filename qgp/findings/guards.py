"""What a finding's steps ask of other rows than its own."""

from collections.abc import Sequence

import sqlalchemy as sa

from qgp.findings.model import Finding, FindingClause
from qgp.findings.policy import READ_CLAUSES
from qgp.kit.errors import Blocker
from qgp.kit.loader import one
from qgp.kit.workflow import Facts

_primary = one(
    FindingClause,
    READ_CLAUSES,
    by=FindingClause.finding_id,
    where=(sa.and_(FindingClause.is_primary),),
)


@Finding.workflow.guard("PRIMARY_CLAUSE")
async def has_primary_clause(facts: Facts, finding: Finding) -> Sequence[Blocker]:
    """A nonconformity names the requirement that is not met (ISO 9001:2015, 3.6.9)."""
    if not finding.is_nonconformity:
        return []
    if await facts.load(_primary, finding.id) is not None:
        return []
    told = "A nonconformity names the clause that is not met. Choose its primary clause."
    return [Blocker("PRIMARY_CLAUSE", told, finding.public_id)]

"""Reading the register."""

import strawberry

from qgp.findings import loaders
from qgp.findings.loaders import (
    cause_category_by_code,
    cause_category_by_id,
    finding_by_id,
    finding_by_reference,
    finding_clause_by_id,
)
from qgp.findings.types import CauseCategory, Finding, FindingClause
from qgp.kit.gql import Connection, find, listing


@strawberry.type
class Query:
    """Root reads."""

    finding: Finding | None = find("One finding.", id=finding_by_id, reference=finding_by_reference)
    findings: Connection[Finding] | None = listing(
        loaders.findings,
        "The nonconformity register, by the day of detection; employees see what is assigned to "
        "them or reported by them.",
    )
    finding_clause: FindingClause | None = find(
        "One clause that a finding is written against.", id=finding_clause_by_id
    )
    finding_clauses: Connection[FindingClause] | None = listing(
        loaders.finding_clauses, "What findings are written against, finding by finding."
    )
    cause_category: CauseCategory | None = find(
        "One cause category.", id=cause_category_by_id, code=cause_category_by_code
    )
    cause_categories: Connection[CauseCategory] | None = listing(
        loaders.cause_categories,
        "The categories of causes, by code; `filter: {parentId: {isNull: true}}` for the widest.",
    )

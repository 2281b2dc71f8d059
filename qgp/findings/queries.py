"""Reading the register."""

import strawberry

from qgp.findings import loaders, types
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    finding: types.Finding | None = lookup(
        "One finding.", id=loaders.finding_by_id, reference=loaders.finding_by_reference
    )
    findings: Connection[types.Finding] | None = listing(
        loaders.findings,
        "The nonconformity register, by the day of detection; employees see what is assigned to "
        "them or reported by them.",
    )
    finding_clause: types.FindingClause | None = lookup(
        "One clause that a finding is written against.", id=loaders.finding_clause_by_id
    )
    finding_clauses: Connection[types.FindingClause] | None = listing(
        loaders.finding_clauses, "What findings are written against, finding by finding."
    )
    cause_category: types.CauseCategory | None = lookup(
        "One cause category.", id=loaders.cause_category_by_id, code=loaders.cause_category_by_code
    )
    cause_categories: Connection[types.CauseCategory] | None = listing(
        loaders.cause_categories,
        "The categories of causes, by code; `filter: {parentId: {isNull: true}}` for the widest.",
    )

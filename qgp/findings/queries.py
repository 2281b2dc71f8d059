"""Root fields that read findings, their clauses and cause categories."""

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
        "Register of findings, by date of detection. Employees see the findings that they own, "
        "detected or reported.",
    )
    finding_clause: types.FindingClause | None = lookup(
        "One clause that a finding cites.", id=loaders.finding_clause_by_id
    )
    finding_clauses: Connection[types.FindingClause] | None = listing(
        loaders.finding_clauses, "Clauses that findings cite, finding by finding."
    )
    cause_category: types.CauseCategory | None = lookup(
        "One cause category.", id=loaders.cause_category_by_id, code=loaders.cause_category_by_code
    )
    cause_categories: Connection[types.CauseCategory] | None = listing(
        loaders.cause_categories,
        "Cause categories, by code; `filter: {parentId: {isNull: true}}` selects the broadest.",
    )

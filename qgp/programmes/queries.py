"""Reading audit programmes, and what they leave out."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.programmes import loaders, types
from qgp.programmes.types.coverage_gap import CoverageGap, coverage_gap


@strawberry.type
class Query:
    """Root reads."""

    audit_programme: types.AuditProgramme | None = lookup(
        "One audit programme.", id=loaders.programme_by_id, reference=loaders.programme_by_reference
    )
    audit_programmes: Connection[types.AuditProgramme] | None = listing(
        loaders.audit_programmes,
        "The audit programmes, by the first day of their period; employees see their own.",
    )
    audit_programme_standard: types.AuditProgrammeStandard | None = lookup(
        "One standard that a programme covers.", id=loaders.programme_standard_by_id
    )
    audit_programme_standards: Connection[types.AuditProgrammeStandard] | None = listing(
        loaders.audit_programme_standards,
        "Which standards programmes cover, programme by programme.",
    )
    programme_item: types.ProgrammeItem | None = lookup(
        "One item of an audit programme.", id=loaders.programme_item_by_id
    )
    programme_items: Connection[types.ProgrammeItem] | None = listing(
        loaders.programme_items, "What all programmes plan, by month, dropped items included."
    )
    coverage_gap: CoverageGap | None = coverage_gap()

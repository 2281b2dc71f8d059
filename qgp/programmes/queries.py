"""Queries of audit programmes, their items and the coverage gap."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.programmes import loaders, types
from qgp.programmes.types.coverage_gap import CoverageGap, coverage_gap


@strawberry.type
class Query:
    """Root queries."""

    audit_programme: types.AuditProgramme | None = lookup(
        "One audit programme.", id=loaders.programme_by_id, reference=loaders.programme_by_reference
    )
    audit_programmes: Connection[types.AuditProgramme] | None = listing(
        loaders.audit_programmes,
        "Audit programmes by `periodStartOn`. EMPLOYEE sees those that they own.",
    )
    audit_programme_standard: types.AuditProgrammeStandard | None = lookup(
        "One standard that an audit programme covers.", id=loaders.programme_standard_by_id
    )
    audit_programme_standards: Connection[types.AuditProgrammeStandard] | None = listing(
        loaders.audit_programme_standards,
        "Standards that audit programmes cover, by programme.",
    )
    programme_item: types.ProgrammeItem | None = lookup(
        "One item of an audit programme.", id=loaders.programme_item_by_id
    )
    programme_items: Connection[types.ProgrammeItem] | None = listing(
        loaders.programme_items,
        "Items of all audit programmes by `plannedMonth`, dropped ones included.",
    )
    coverage_gap: CoverageGap | None = coverage_gap()

"""GraphQL type of cause categories."""

from qgp.findings import model, policy
from qgp.findings.loaders import cause_categories, cause_category_by_id, findings
from qgp.findings.refs import CauseCategoryRef, FindingRef
from qgp.kit.gql import (
    CODE,
    EDITABLE,
    FILTER,
    LISTED,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    listing,
    record,
    viewer_can,
)
from qgp.users.types import Authored


@record(model.CauseCategory)
class CauseCategory(Authored, Recorded, Node):
    """Category of root causes, by which findings and CAPAs are analyzed; categories form a tree."""

    code: str = column(
        "Code, unique in the organization.", EDITABLE | LISTED, max_length=40, pattern=CODE
    )
    name: str = column("Name.", EDITABLE | LISTED)
    parent: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "Broader category; null for the broadest.", EDITABLE | FILTER
    )
    children: Connection[CauseCategoryRef] = listing(
        cause_categories,
        "Direct subcategories, by code.",
        parent=model.CauseCategory.parent_id,
    )
    findings: Connection[FindingRef] = listing(
        findings,
        "Findings whose root cause is in exactly this category, oldest first.",
        parent=model.Finding.cause_category_id,
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE_CAUSES, "change the category")

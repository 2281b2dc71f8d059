"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.findings.model import FindingStatus
    from qgp.findings.types import CauseCategory, Finding, FindingClause
    from qgp.findings.types.context import ParentFinding

FindingRef = Annotated["Finding", strawberry.lazy("qgp.findings.types")]
FindingClauseRef = Annotated["FindingClause", strawberry.lazy("qgp.findings.types")]
CauseCategoryRef = Annotated["CauseCategory", strawberry.lazy("qgp.findings.types")]
FindingStatusRef = Annotated["FindingStatus", strawberry.lazy("qgp.findings.model")]
ParentFindingRef = Annotated["ParentFinding", strawberry.lazy("qgp.findings.types.context")]

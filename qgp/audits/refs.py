"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.audits.model.terms import AuditType
    from qgp.audits.types import (
        Audit,
        AuditClause,
        AuditResponse,
        AuditTeamMember,
        SampleItem,
        SampleSet,
    )
    from qgp.audits.types.context import ParentAudit, RaisingAudit

AuditRef = Annotated["Audit", strawberry.lazy("qgp.audits.types")]
AuditClauseRef = Annotated["AuditClause", strawberry.lazy("qgp.audits.types")]
AuditTeamMemberRef = Annotated["AuditTeamMember", strawberry.lazy("qgp.audits.types")]
AuditResponseRef = Annotated["AuditResponse", strawberry.lazy("qgp.audits.types")]
SampleSetRef = Annotated["SampleSet", strawberry.lazy("qgp.audits.types")]
SampleItemRef = Annotated["SampleItem", strawberry.lazy("qgp.audits.types")]
AuditTypeRef = Annotated["AuditType", strawberry.lazy("qgp.audits.model.terms")]
ParentAuditRef = Annotated["ParentAudit", strawberry.lazy("qgp.audits.types.context")]
RaisingAuditRef = Annotated["RaisingAudit", strawberry.lazy("qgp.audits.types.context")]

"""GraphQL types of audit criteria, audit team members and auditees."""

from qgp.audits import model, policy
from qgp.audits.loaders import audit_by_id
from qgp.audits.model.terms import AuditTeamRole
from qgp.audits.refs import AuditRef
from qgp.kit.gql import (
    CREATE,
    FILTER,
    LISTED,
    Node,
    Recorded,
    belongs_to,
    column,
    record,
    viewer_can,
)
from qgp.standards.loaders import clause_by_id, standard_by_id
from qgp.standards.refs import ClauseRef, StandardRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.AuditClause, named=("clause.standard.code", "clause.number"))
class AuditClause(Authored, Recorded, Node):
    """A clause of the audit criteria."""

    audit: AuditRef | None = belongs_to(audit_by_id, "The audit.", LISTED)
    clause: ClauseRef | None = belongs_to(clause_by_id, "The clause.", LISTED)


@record(model.AuditTeamMember, named=("user.name",))
class AuditTeamMember(Authored, Recorded, Node):
    """A member of an audit team."""

    role: AuditTeamRole = column(
        "Role in the audit team.",
        CREATE | LISTED,
        note="LEAD is set with `auditUpdate` (leadAuditorId).",
    )
    override_reason: str | None = column(
        "Administrator's reason why the member is impartial although they belong to the "
        "audited department or own the audited process; null if not overridden.",
        CREATE | FILTER,
        max_length=2000,
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id, "The audit.", CREATE | FILTER, note="Up to IN_PROGRESS."
    )
    user: UserRef | None = belongs_to(
        user_by_id,
        "The member.",
        CREATE | LISTED,
        note="Must neither belong to the audited department nor own the audited process, unless "
        "`overrideReason` is given.",
    )
    overridden_by: UserRef | None = belongs_to(
        user_by_id, "Administrator who gave the reason; null if not overridden."
    )
    viewer_can_override_conflict: bool = viewer_can(
        policy.OVERRIDE_CONFLICT, "override the member's missing impartiality"
    )


@record(model.AuditStandard, named=("standard.code",))
class AuditStandard(Authored, Recorded, Node):
    """A standard of the audit criteria."""

    audit: AuditRef | None = belongs_to(audit_by_id, "The audit.", LISTED)
    standard: StandardRef | None = belongs_to(standard_by_id, "The standard.", LISTED)


@record(model.AuditAuditee, named=("user.name",))
class AuditAuditee(Authored, Recorded, Node):
    """A representative of the auditee (ISO 9000:2015, 3.13.12); may read the audit whatever its
    site and department, unless a SUPPLIER_CONTACT.
    """

    audit: AuditRef | None = belongs_to(audit_by_id, "The audit.", LISTED)
    user: UserRef | None = belongs_to(user_by_id, "The auditee.", LISTED)

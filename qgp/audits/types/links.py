"""What hangs on an audit by links: who audits, who is audited, and against what."""

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


@record(model.AuditClause)
class AuditClause(Authored, Recorded, Node):
    """A clause that an audit covers."""

    audit: AuditRef | None = belongs_to(audit_by_id, "The audit.", LISTED)
    clause: ClauseRef | None = belongs_to(clause_by_id, "The clause.", LISTED)


@record(model.AuditTeamMember)
class AuditTeamMember(Authored, Recorded, Node):
    """Somebody of the team of an audit."""

    role: AuditTeamRole = column(
        "What they do in the audit.", CREATE | LISTED, note="The audit names its LEAD."
    )
    override_reason: str | None = column(
        "Why an administrator lets them audit what they belong to; null where nobody had to.",
        CREATE | FILTER,
        max_length=2000,
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id, "The audit.", CREATE | FILTER, note="Not past its fieldwork."
    )
    user: UserRef | None = belongs_to(
        user_by_id,
        "The member.",
        CREATE | LISTED,
        note="Nobody of the audited department, nor the owner of the process.",
    )
    overridden_by: UserRef | None = belongs_to(user_by_id, "The administrator who said why.")
    viewer_can_override_conflict: bool = viewer_can(
        policy.OVERRIDE_CONFLICT, "say why they may audit what they belong to"
    )


@record(model.AuditStandard)
class AuditStandard(Authored, Recorded, Node):
    """A standard that an audit is held against."""

    audit: AuditRef | None = belongs_to(audit_by_id, "The audit.", LISTED)
    standard: StandardRef | None = belongs_to(standard_by_id, "The standard.", LISTED)


@record(model.AuditAuditee)
class AuditAuditee(Authored, Recorded, Node):
    """Somebody who is audited, and sees the audit whatever their role."""

    audit: AuditRef | None = belongs_to(audit_by_id, "The audit.", LISTED)
    user: UserRef | None = belongs_to(user_by_id, "Who it is.", LISTED)

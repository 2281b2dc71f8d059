"""What hangs on an audit by links: who audits, who is audited, and against what."""

from qgp.audits import model, policy
from qgp.audits.enums import AuditTeamRole
from qgp.audits.loaders import audit_by_id
from qgp.audits.refs import AuditRef
from qgp.kit.gql import Node, Recorded, belongs_to, column, record, viewer_can
from qgp.standards.loaders import clause_by_id, standard_by_id
from qgp.standards.refs import ClauseRef, StandardRef
from qgp.users.authorship import Authored
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@record(model.AuditClause, "A clause that an audit covers.")
class AuditClause(Authored, Recorded, Node):
    """A clause that an audit covers."""

    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    clause: ClauseRef | None = belongs_to(clause_by_id, "clause_id", "The clause.")


@record(model.AuditTeamMember, "Somebody of the team of an audit.")
class AuditTeamMember(Authored, Recorded, Node):
    """Somebody of the team."""

    role: AuditTeamRole = column("What they do in the audit.")
    override_reason: str | None = column(
        "Why an administrator lets them audit what they belong to; null where nobody had to."
    )
    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    user: UserRef | None = belongs_to(user_by_id, "user_id", "Who it is.")
    overridden_by: UserRef | None = belongs_to(
        user_by_id, "overridden_by_id", "The administrator who said why."
    )
    viewer_can_override: bool = viewer_can(
        policy.OVERRIDE, "say why they may audit what they belong to"
    )


@record(model.AuditStandard, "A standard that an audit is held against.")
class AuditStandard(Authored, Recorded, Node):
    """A standard that an audit is held against."""

    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    standard: StandardRef | None = belongs_to(standard_by_id, "standard_id", "The standard.")


@record(model.AuditAuditee, "Somebody who is audited, and sees the audit whatever their role.")
class AuditAuditee(Authored, Recorded, Node):
    """Somebody who is audited."""

    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    user: UserRef | None = belongs_to(user_by_id, "user_id", "Who it is.")

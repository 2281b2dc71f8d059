"""GraphQL types with the few fields of an audit that readers of its actions and findings see."""

from qgp.audits import model, policy
from qgp.audits.facts.criteria import clauses_of_audit, criteria_of_audit
from qgp.audits.model.terms import AuditStatus
from qgp.kit.gql import belongs_to, column, excerpt_type, expression
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@excerpt_type(model.Audit)
class ParentAudit:
    """Audit that an action follows from, as far as readers of the action see it."""

    reference: str = column("Reference number of the audit.")
    title: str = column("Title of the audit.")
    status: AuditStatus = column("Status of the audit.")
    clause: str | None = expression(
        policy.READ_CONTEXT,
        clauses_of_audit,
        "Clauses of the audit criteria, such as ISO9001:2015 8.5.1, separated by commas; null if "
        "none.",
    )


@excerpt_type(model.Audit)
class RaisingAudit:
    """Audit that raised a finding, as far as the finding's owner sees it."""

    reference: str = column("Reference number of the audit.")
    criteria: str | None = expression(
        policy.READ_CONTEXT,
        criteria_of_audit,
        "Audit criteria: standards, clauses and further criteria, separated by semicolons; null "
        "if none.",
    )
    lead_auditor: UserRef | None = belongs_to(
        user_by_id, "Lead auditor; null if none is assigned.", key="lead_auditor_id"
    )

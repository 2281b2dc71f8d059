"""Actions from a file."""

from qgp.actions import model, policy, service
from qgp.actions.inputs import ActionCreateInput
from qgp.audits.loaders import audit_by_reference
from qgp.capas.loaders import capa_by_reference
from qgp.findings.loaders import finding_by_reference
from qgp.kit.gql import by_email, by_reference, sheet
from qgp.users.loaders import user_by_email

ACTIONS = sheet(
    model.Action,
    service.create,
    takes=ActionCreateInput,
    may=policy.CREATE,
    names={
        "owner_id": by_email(user_by_email, "owner"),
        "finding_id": by_reference(finding_by_reference, "finding", "NC-2026-0001"),
        "capa_id": by_reference(capa_by_reference, "capa", "CAPA-2026-0001"),
        "audit_id": by_reference(audit_by_reference, "audit", "AUD-2026-0001"),
    },
)

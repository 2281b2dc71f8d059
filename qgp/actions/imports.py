"""Actions from a file."""

from qgp.actions import model, policy, service
from qgp.actions.inputs import ActionCreateInput
from qgp.capas.loaders import capa_by_reference
from qgp.findings.loaders import finding_by_reference
from qgp.kit.gql import Named, sheet
from qgp.users.loaders import user_by_email

ACTIONS = sheet(
    model.Action,
    service.create,
    takes=ActionCreateInput,
    may=policy.CREATE,
    names={
        "owner_id": Named(user_by_email, ("owner.email",), str.lower),
        "finding_id": Named(finding_by_reference, ("finding.reference",), str.upper),
        "capa_id": Named(capa_by_reference, ("capa.reference",), str.upper),
    },
)

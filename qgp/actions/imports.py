"""Actions from a file."""

from qgp.actions import model, policy, service
from qgp.actions.inputs import ActionCreateInput
from qgp.capas.loaders import capa_by_reference
from qgp.findings.loaders import finding_by_reference
from qgp.kit.gql import Named, sheet
from qgp.users.loaders import user_by_email

_EMAIL = "Write the e-mail address, such as eva@example.com."
ACTIONS = sheet(
    model.Action,
    service.create,
    takes=ActionCreateInput,
    may=policy.CREATE,
    names={
        "owner_id": Named(user_by_email, ("owner.email",), _EMAIL, str.lower),
        "finding_id": Named(
            finding_by_reference,
            ("finding.reference",),
            "Write its reference, such as NC-2026-0001.",
            str.upper,
        ),
        "capa_id": Named(
            capa_by_reference,
            ("capa.reference",),
            "Write its reference, such as CAPA-2026-0001.",
            str.upper,
        ),
    },
)

"""The actions that follow from a finding, a CAPA or an audit, shown by it."""

from qgp.actions.filters import ActionFilter, ActionOrder
from qgp.actions.model import Action
from qgp.actions.policy import READ
from qgp.actions.refs import ActionRef
from qgp.audits.loaders import audit_by_id
from qgp.capas.loaders import capa_by_id
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import Connection, adds_to, listing


@adds_to(finding_by_id)
class OfFinding:
    """What a finding shows of actions."""

    actions: Connection[ActionRef] = listing(
        Action,
        READ,
        ActionFilter,
        ActionOrder,
        ("position",),
        "What is done about it, in its order.",
        parent=Action.finding_id,
    )


@adds_to(capa_by_id)
class OfCapa:
    """What a CAPA shows of actions."""

    actions: Connection[ActionRef] = listing(
        Action,
        READ,
        ActionFilter,
        ActionOrder,
        ("position",),
        "What it has people do, in its order.",
        parent=Action.capa_id,
    )


@adds_to(audit_by_id)
class OfAudit:
    """What an audit shows of actions."""

    actions: Connection[ActionRef] = listing(
        Action,
        READ,
        ActionFilter,
        ActionOrder,
        ("position",),
        "What people have to do for it beside its findings, in its order.",
        parent=Action.audit_id,
    )

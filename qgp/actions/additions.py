"""The actions that follow from a finding, a CAPA or an audit, shown by it."""

from typing import Any

from qgp.actions.loaders import actions
from qgp.actions.model import Action
from qgp.actions.refs import ActionRef
from qgp.audits.loaders import audit_by_id
from qgp.capas.loaders import capa_by_id
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import Connection, adds_to, listing


def _actions(parent: Any, description: str) -> Any:
    return listing(actions, description, order=("position",), parent=parent)


@adds_to(finding_by_id)
class OfFinding:
    """What a finding shows of actions."""

    actions: Connection[ActionRef] = _actions(
        Action.finding_id, "What is done about it, in its order."
    )


@adds_to(capa_by_id)
class OfCapa:
    """What a CAPA shows of actions."""

    actions: Connection[ActionRef] = _actions(
        Action.capa_id, "What it has people do, in its order."
    )


@adds_to(audit_by_id)
class OfAudit:
    """What an audit shows of actions."""

    actions: Connection[ActionRef] = _actions(
        Action.audit_id, "What people have to do for it beside its findings, in its order."
    )

"""Actions of findings, CAPAs and audits, as fields of theirs."""

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
    """Actions of a finding."""

    actions: Connection[ActionRef] = _actions(
        Action.finding_id, "Actions of the finding, by position."
    )


@adds_to(capa_by_id)
class OfCapa:
    """Actions of a CAPA."""

    actions: Connection[ActionRef] = _actions(Action.capa_id, "Actions of the CAPA, by position.")


@adds_to(audit_by_id)
class OfAudit:
    """Actions of an audit."""

    actions: Connection[ActionRef] = _actions(
        Action.audit_id, "Actions of the audit itself, without those of its findings, by position."
    )

"""Fields of audits that refer to the audit programme."""

from qgp.audits.loaders import audit_by_id
from qgp.kit.gql import FILTER, adds_to, belongs_to
from qgp.programmes.loaders import programme_item_by_id
from qgp.programmes.refs import ProgrammeItemRef


@adds_to(audit_by_id)
class OfAudit:
    """Programme item of an audit."""

    programme_item: ProgrammeItemRef | None = belongs_to(
        programme_item_by_id,
        "Programme item that the audit performs; null if none, or hidden from you.",
        FILTER,
    )

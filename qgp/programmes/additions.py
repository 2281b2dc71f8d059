"""What audits show of the programme that they are part of."""

from qgp.audits.loaders import audit_by_id
from qgp.kit.gql import FILTER, adds_to, belongs_to
from qgp.programmes.loaders import programme_item_by_id
from qgp.programmes.refs import ProgrammeItemRef


@adds_to(audit_by_id)
class OfAudit:
    """What an audit shows of programmes."""

    programme_item: ProgrammeItemRef | None = belongs_to(
        programme_item_by_id,
        "What it carries out of an audit programme; null if nothing, or hidden.",
        FILTER,
    )

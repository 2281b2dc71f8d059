"""The CAPAs that a finding is a source of, shown by it."""

from qgp.capas.loaders import capas_of_finding
from qgp.capas.refs import CapaRef
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import FILTER, adds_to, has_many


@adds_to(finding_by_id)
class OfFinding:
    """What a finding shows of CAPAs."""

    capas: list[CapaRef] = has_many(
        capas_of_finding, "The CAPAs that it is a source of, the youngest first.", FILTER
    )

"""CAPAs of a finding, as a field of it."""

from qgp.capas.loaders import capas_of_finding
from qgp.capas.refs import CapaRef
from qgp.findings.loaders import finding_by_id
from qgp.kit.gql import FILTER, adds_to, has_many


@adds_to(finding_by_id)
class OfFinding:
    """CAPAs of a finding."""

    capas: list[CapaRef] = has_many(
        capas_of_finding, "CAPAs of which the finding is a source, the newest first.", FILTER
    )

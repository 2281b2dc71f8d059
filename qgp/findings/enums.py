"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.audits.enums import FindingStatus
from qgp.findings.terms import FindingDisposition, FindingSource
from qgp.kit.gql import described
from qgp.templates.enums import FindingGrade

__all__ = ["FindingDisposition", "FindingGrade", "FindingSource", "FindingStatus"]

described(FindingSource, "What brought a finding to light.")
described(FindingDisposition, "What becomes of the output that does not conform.")

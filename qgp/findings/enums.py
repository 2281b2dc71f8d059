"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.findings.terms import FindingDisposition, FindingGrade, FindingSource, FindingStatus
from qgp.kit.gql import described

__all__ = ["FindingDisposition", "FindingGrade", "FindingSource", "FindingStatus"]

described(FindingGrade, "How much a finding weighs.")
described(FindingSource, "What brought a finding to light.")
described(FindingStatus, "Where a finding stands.")
described(FindingDisposition, "What becomes of the output that does not conform.")

"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.findings.terms import FindingDisposition, FindingSource, FindingStatus
from qgp.kit.gql import described
from qgp.templates.enums import FindingGrade

__all__ = ["FindingDisposition", "FindingGrade", "FindingSource", "FindingStatus"]

described(FindingSource, "What brought a finding to light.")
described(FindingStatus, "Where a finding stands.")
described(FindingDisposition, "What becomes of the output that does not conform.")

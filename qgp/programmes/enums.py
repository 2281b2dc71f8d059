"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.audits.enums import AuditMethod, AuditType
from qgp.kit.gql import described
from qgp.programmes.terms import AuditProgrammeStatus, ProgrammeItemRisk

__all__ = ["AuditMethod", "AuditProgrammeStatus", "AuditType", "ProgrammeItemRisk"]

described(AuditProgrammeStatus, "Where an audit programme stands.")
described(ProgrammeItemRisk, "How much is at stake where an item of a programme looks.")

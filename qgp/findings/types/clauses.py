"""GraphQL type of the clauses that a finding cites."""

from qgp.findings import model
from qgp.findings.loaders import finding_by_id
from qgp.findings.refs import FindingRef
from qgp.kit.gql import FILTER, LISTED, Node, Recorded, belongs_to, column, record
from qgp.standards.loaders import clause_by_id
from qgp.standards.refs import ClauseRef
from qgp.users.types import Authored


@record(
    model.FindingClause,
    named=("clause.standard.code", "clause.number"),
)
class FindingClause(Authored, Recorded, Node):
    """Clause of a standard that a finding cites: the audit criterion."""

    is_primary: bool = column(
        "Whether the clause is the primary one, which statistics count.", FILTER
    )
    finding: FindingRef | None = belongs_to(finding_by_id, "The finding.", LISTED)
    clause: ClauseRef | None = belongs_to(clause_by_id, "The clause.", LISTED)

"""GraphQL type with the few fields of a finding that readers of its actions see."""

from qgp.findings import model, policy
from qgp.findings.facts import primary_clause_unfiltered
from qgp.findings.model import FindingStatus
from qgp.kit.gql import column, excerpt_type, expression


@excerpt_type(model.Finding)
class ParentFinding:
    """Finding that an action follows from, as far as readers of the action see it."""

    reference: str = column("Reference number of the finding.")
    title: str = column("Title of the finding.")
    status: FindingStatus = column("Status of the finding.")
    clause: str | None = expression(
        policy.READ_CONTEXT,
        primary_clause_unfiltered,
        "Primary clause, such as ISO9001:2015 8.5.1; null if none.",
    )

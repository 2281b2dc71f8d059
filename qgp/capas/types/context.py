"""GraphQL type with the few fields of a CAPA that readers of its actions see."""

from qgp.capas import model, policy
from qgp.capas.facts import clauses_unfiltered
from qgp.capas.model.terms import CapaStatus
from qgp.kit.gql import column, excerpt_type, expression


@excerpt_type(model.Capa)
class ParentCapa:
    """CAPA that an action follows from, as far as readers of the action see it."""

    reference: str = column("Reference number of the CAPA.")
    title: str = column("Title of the CAPA.")
    status: CapaStatus = column("Status of the CAPA.")
    clause: str | None = expression(
        policy.READ_CONTEXT,
        clauses_unfiltered,
        "Primary clauses of its source findings, such as ISO9001:2015 8.5.1, separated by commas; "
        "null if none.",
    )

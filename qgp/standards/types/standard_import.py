"""GraphQL type of the imports of standards."""

from datetime import datetime

from qgp.kit.gql import FILTER, LISTED, SORT, Node, Recorded, belongs_to, column, record
from qgp.standards import model
from qgp.standards.loaders import standard_by_id
from qgp.standards.model.terms import ImportStatus
from qgp.standards.refs import StandardRef
from qgp.users.types import Authored


@record(model.StandardImport)
class StandardImport(Authored, Recorded, Node):
    """Import of a standard from an uploaded OSCAL catalog: all of its clauses, or none."""

    status: ImportStatus = column("Status of the import.", LISTED)
    filename: str = column("Name of the file.", FILTER)
    rows: int | None = column("Number of clauses in the file; null until it has been read.")
    rows_done: int = column("Number of clauses compared and written so far.")
    added: int = column("Number of clauses added; 0 until it is COMPLETED.")
    changed: int = column("Number of clauses changed; 0 until it is COMPLETED.")
    withdrawn: int = column("Number of clauses withdrawn; 0 until it is COMPLETED.")
    error: str | None = column("Reason of the failure, and the remedy; null unless FAILED.")
    ended_at: datetime | None = column("Instant of its end; null while RUNNING.", SORT)
    standard: StandardRef | None = belongs_to(
        standard_by_id, "The imported standard; null unless COMPLETED.", FILTER
    )
    supersedes: StandardRef | None = belongs_to(
        standard_by_id, "Standard that it was named to supersede; null if none was named.", FILTER
    )

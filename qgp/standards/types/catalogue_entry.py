"""GraphQL type of the editions in the shipped catalogue."""

from datetime import date

from qgp.kit.gql import column, object_type
from qgp.standards.model.terms import StandardKind, StandardStatus
from qgp.standards.types import Standard


@object_type
class CatalogueEntry:
    """An edition that can be adopted from the shipped catalogue."""

    code: str = column("Family and edition, e.g. ISO9001:2015.")
    family_code: str = column("Argument of `standardAdopt`.")
    edition: str = column("Argument of `standardAdopt`.")
    title: str = column("Short title.")
    kind: StandardKind = column("Kind of document.")
    status: StandardStatus = column(
        "Status after adoption; DRAFT if the numbers are not yet checked against the "
        "published text."
    )
    publisher: str = column("Publisher.")
    published_on: date | None = column("Date of publication.")
    transition_deadline: date | None = column(
        "Last day on which the superseded edition is valid; null if unknown."
    )
    licence_note: str = column("Licence terms of its text.")
    clause_count: int = column("Number of clauses.")
    requirement_count: int = column("Number of clauses that can be assessed.")
    is_refresh_due: bool = column(
        "Whether the adopted standard lacks clauses of the entry, which `standardRefresh` adds."
    )
    adopted: Standard | None = column("The adopted standard in your library; null if not adopted.")

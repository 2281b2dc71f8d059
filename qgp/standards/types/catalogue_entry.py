"""The shipped catalogue as clients see it before they adopt from it."""

from datetime import date

from qgp.kit.gql import column, object_type
from qgp.standards.model.terms import StandardKind, StandardStatus
from qgp.standards.types import Standard


@object_type
class CatalogueEntry:
    """An edition that can be adopted from the shipped catalogue."""

    code: str = column("Family and edition in one, e.g. ISO9001:2015.")
    family_code: str = column("Send it to `standardAdopt`.")
    edition: str = column("Send it to `standardAdopt`.")
    title: str = column("Our short title.")
    kind: StandardKind = column("What sort of document it is.")
    status: StandardStatus = column(
        "DRAFT where the numbers are not yet checked against the published text."
    )
    publisher: str = column("Who publishes it.")
    published_on: date | None = column("When it was published.")
    transition_deadline: date | None = column("Last day of the edition that it replaces.")
    licence_note: str = column("What may be copied from it.")
    clause_count: int = column("How many clauses it has.")
    requirement_count: int = column("How many of them can be assessed.")
    adopted: Standard | None = column("The standard in your library, once adopted.")

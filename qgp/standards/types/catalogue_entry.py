"""The shipped catalogue as clients see it before they adopt from it."""

from datetime import date

import strawberry

from qgp.standards.model.terms import StandardKind, StandardStatus
from qgp.standards.types import Standard


@strawberry.type(description="An edition that can be adopted from the shipped catalogue.")
class CatalogueEntry:
    """An edition that can be adopted."""

    code: str = strawberry.field(description="Family and edition in one, e.g. ISO9001:2015.")
    family_code: str = strawberry.field(description="Send it to `standardAdopt`.")
    edition: str = strawberry.field(description="Send it to `standardAdopt`.")
    title: str = strawberry.field(description="Our short title.")
    kind: StandardKind = strawberry.field(description="What sort of document it is.")
    status: StandardStatus = strawberry.field(
        description="DRAFT where the numbers are not yet checked against the published text."
    )
    publisher: str = strawberry.field(description="Who publishes it.")
    published_on: date | None = strawberry.field(description="When it was published.")
    transition_deadline: date | None = strawberry.field(
        description="Last day of the edition that it replaces."
    )
    licence_note: str = strawberry.field(description="What may be copied from it.")
    clause_count: int = strawberry.field(description="How many clauses it has.")
    requirement_count: int = strawberry.field(description="How many of them can be assessed.")
    adopted: Standard | None = strawberry.field(
        description="The standard in your library, once adopted."
    )

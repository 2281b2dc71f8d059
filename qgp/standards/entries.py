"""The shipped catalogue as clients see it before they adopt from it."""

from datetime import date
from typing import Any

import sqlalchemy as sa
import strawberry

from qgp.kit.gql import Info, Requires, bounded
from qgp.kit.loader import MOST_ROWS
from qgp.standards import catalogue, policy
from qgp.standards.model import Standard as StandardRow
from qgp.standards.terms import StandardKind, StandardStatus
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


async def _entries(info: Info) -> list[CatalogueEntry]:
    here = {row.code: row for row in await info.context.rows(sa.select(StandardRow))}
    return [
        CatalogueEntry(
            code=found.key,
            family_code=found.family_code,
            edition=found.edition,
            title=found.title,
            kind=found.kind,
            status=found.status,
            publisher=found.publisher,
            published_on=found.published_on,
            transition_deadline=found.transition_deadline,
            licence_note=found.licence_note,
            clause_count=len(found.clauses),
            requirement_count=len(found.requirements),
            adopted=here.get(found.key),
        )
        for found in catalogue.editions()
    ]


standard_catalogue: Any = strawberry.field(
    _entries,
    extensions=[Requires(policy.READ)],
    **bounded("The editions shipped with the product.", MOST_ROWS),
)

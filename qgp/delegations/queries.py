"""Queries of delegations."""

import strawberry

from qgp.delegations import loaders
from qgp.delegations.loaders import delegation_by_id
from qgp.delegations.types import Delegation
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root queries."""

    delegation: Delegation | None = lookup("One delegation.", id=delegation_by_id)
    delegations: Connection[Delegation] | None = listing(
        loaders.delegations, "Delegations by first day."
    )

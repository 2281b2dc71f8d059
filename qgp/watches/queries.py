"""Root field that reads watches."""

import strawberry

from qgp.kit.gql import Connection, listing
from qgp.watches import loaders
from qgp.watches.types import Watch


@strawberry.type
class Query:
    """Root reads."""

    watches: Connection[Watch] | None = listing(
        loaders.watches, "Records that you watch and may read, the newest watch first."
    )

"""Queries of processes."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.processes import loaders
from qgp.processes.loaders import process_by_code, process_by_id
from qgp.processes.types import Process


@strawberry.type
class Query:
    """Root queries."""

    process: Process | None = lookup("One process.", id=process_by_id, code=process_by_code)
    processes: Connection[Process] | None = listing(
        loaders.processes,
        "Processes by code; `filter: {parentId: {isNull: true}}` selects those at the top.",
    )

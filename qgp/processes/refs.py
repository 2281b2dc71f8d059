"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.processes.types import Process

ProcessRef = Annotated["Process", strawberry.lazy("qgp.processes.types")]

"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.trail.types import TrailEntry

TrailEntryRef = Annotated["TrailEntry", strawberry.lazy("qgp.trail.types")]

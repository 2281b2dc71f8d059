"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.watches.additions import Watchable

WatchableRef = Annotated["Watchable", strawberry.lazy("qgp.watches.additions")]

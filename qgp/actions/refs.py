"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.actions.types import Action, DueDateChange

ActionRef = Annotated["Action", strawberry.lazy("qgp.actions.types")]
DueDateChangeRef = Annotated["DueDateChange", strawberry.lazy("qgp.actions.types")]

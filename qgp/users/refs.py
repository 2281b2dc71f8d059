"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.users.types import User

UserRef = Annotated["User", strawberry.lazy("qgp.users.types")]

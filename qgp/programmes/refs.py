"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.programmes.types import AuditProgramme, ProgrammeItem

AuditProgrammeRef = Annotated["AuditProgramme", strawberry.lazy("qgp.programmes.types")]
ProgrammeItemRef = Annotated["ProgrammeItem", strawberry.lazy("qgp.programmes.types")]

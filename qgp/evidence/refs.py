"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.evidence.types import EvidenceItem, EvidenceLink

EvidenceItemRef = Annotated["EvidenceItem", strawberry.lazy("qgp.evidence.types")]
EvidenceLinkRef = Annotated["EvidenceLink", strawberry.lazy("qgp.evidence.types")]
